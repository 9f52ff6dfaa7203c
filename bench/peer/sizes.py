"""Prints what the peer needs on disk, in bytes, as JSON: a name and a size for each part."""

import json
import pathlib
import sys
import sysconfig

PACKAGES = ("numba_cfunc_compiler", "numba", "llvmlite", "numpy")


def size(path, left_out=()):
    """Bytes of the files in a folder, of which links and some folders do not count."""
    if path.is_symlink():
        return 0
    if path.is_file():
        return path.stat().st_size
    if not path.is_dir():
        return 0
    return sum(size(entry, left_out) for entry in path.iterdir() if entry.name not in left_out)


def main():
    packages = pathlib.Path(sysconfig.get_path("platlib"))
    found = {}
    for name in PACKAGES:
        # What a wheel brings of libraries lies beside it.
        found[name] = sum(size(packages / part) for part in (name, f"{name}.libs"))
    library = pathlib.Path(sysconfig.get_path("stdlib"))
    # A host needs neither its tests nor what builds against it.
    left_out = ("site-packages", "test", "tests", "__pycache__", "idlelib", "ensurepip")
    python = size(library, (*left_out, *(path.name for path in library.glob("config-*"))))
    executable = pathlib.Path(sys.executable).resolve()
    python += size(executable)
    folder, name = sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and folder and name:
        python += size((pathlib.Path(folder) / name).resolve())
    found["Python"] = python
    print(json.dumps(found))


main()

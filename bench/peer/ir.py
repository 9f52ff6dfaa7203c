"""Writes the peer's optimised code of recorded cases, and says where.

Usage: ir.py FOLDER CASE.json...

Prints one JSON object a line, with `name` (the path), and either `symbol`, the C function that a host calls, `text`, the
module after the optimiser and before code is made of it, and `object`, the file with its machine code; or `error`, where
the peer does not compile the case.
"""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")
from case import compile_case, load  # noqa: E402
from numba.core.codegen import CPUCodeLibrary  # noqa: E402

optimize = CPUCodeLibrary._optimize_final_module


def optimize_and_keep(library):
    """The optimiser, and the text of what it made: making code changes the module once more."""
    optimize(library)
    library.optimized_text = str(library._final_module)


def main():
    CPUCodeLibrary._optimize_final_module = optimize_and_keep
    folder = pathlib.Path(sys.argv[1])
    for number, path in enumerate(map(pathlib.Path, sys.argv[2:])):
        answer = {"name": str(path)}
        try:
            case = json.loads(path.read_text())
            node = compile_case(load(path.with_suffix(".py"), case["function"]), case).compiled_func
            library, file = node._library, folder / f"peer-{number}.o"
            file.write_bytes(library._codegen._tm.emit_object(library._final_module))
            answer.update(symbol=node._wrapper_name, text=library.optimized_text, object=str(file))
        except Exception as error:  # whatever the peer raises is the answer
            answer["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps(answer), flush=True)


main()

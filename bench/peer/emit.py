"""Writes the peer's machine code of one recorded case as an object file, and what its cells hold.

Usage: emit.py CASE.json OBJECT CELLS

Prints the symbol of the C function. CELLS gets 8-byte words: how many inputs, outputs, states and rows there are, the
initial states, and the rows of input cells.
"""

import json
import pathlib
import struct
import sys
import warnings

warnings.simplefilter("ignore")
from case import compile_case, load, rows, states  # noqa: E402


def main():
    path = pathlib.Path(sys.argv[1])
    case = json.loads(path.read_text())
    node = compile_case(load(path.with_suffix(".py"), case["function"]), case).compiled_func
    # The module after the optimiser, which the process's own engine gets too, by the target machine of that engine.
    library = node._library
    pathlib.Path(sys.argv[2]).write_bytes(library._codegen._tm.emit_object(library._final_module))
    counts = [len(case[name]) for name in ("inputs", "outputs", "state_slots", "ticks")]
    words = counts + states(case) + rows(case)
    pathlib.Path(sys.argv[3]).write_bytes(struct.pack(f"<{len(words)}Q", *words))
    print(node._wrapper_name)


main()

"""What a host of the peer does first: imports it, compiles a node, calls it once, prints what came out.

Usage: first_tick.py [nothing | numba | numba_cfunc_compiler], to stop after so much.
"""

import sys

if sys.argv[1:] == ["nothing"]:
    print(0.0, flush=True)
    sys.exit()

import warnings

warnings.simplefilter("ignore")
if sys.argv[1:] == ["numba"]:
    import numba  # noqa: F401

    print(0.0, flush=True)
    sys.exit()

from numba_cfunc_compiler import node_api  # noqa: E402
from numba_cfunc_compiler.tests import harness  # noqa: E402

if sys.argv[1:] == ["numba_cfunc_compiler"]:
    print(0.0, flush=True)
    sys.exit()

import ctypes  # noqa: E402

EMA = """
@numba_node
def ema(x: Signal[float], alpha: float) -> Signal[float]:
    average: State[float] = 0.0
    average = alpha * x + (1.0 - alpha) * average
    return average
"""


def main():
    scope = {"State": node_api.State, "Signal": harness.Signal, "numba_node": harness.numba_node}
    # The peer reads the text of the function from its file.
    import linecache

    linecache.cache["<ema>"] = (len(EMA), None, EMA.splitlines(True), "<ema>")
    exec(compile(EMA, "<ema>", "exec"), scope)
    result = harness.compile_function(scope["ema"], alpha=0.1)
    cells = (ctypes.c_double * 3)(100.0, 0.0, 0.0)
    first = ctypes.addressof(cells)
    pointers = (ctypes.c_void_p * 3)(first, first + 8, first + 16)
    flags = (ctypes.c_int8 * 3)(1, 1, 0)
    arrays, flag = ctypes.addressof(pointers), ctypes.addressof(flags)
    pointer = ctypes.c_void_p
    kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, ctypes.c_int8, pointer, pointer, pointer)
    call = kind(result.compiled_func.address)
    for phase in (1, 0):
        call(arrays + 8, flag + 2, arrays + 16, phase, arrays, flag, flag + 1)
    print(cells[1], flush=True)


main()

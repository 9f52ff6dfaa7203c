"""Measures one recorded case with the peer, in a process of its own, and prints the figures as one JSON object.

Usage: measure.py CASE.json DRIVER.so RECOMPILATIONS ROUNDS CALLS

Times are in nanoseconds: `import`, `first` (the first compilation of the process), `later` (a list), `tick` (a list, per
call). A case that the peer does not compile gives `{"error": "..."}`.
"""

import ctypes
import json
import pathlib
import sys
import time
import warnings

warnings.simplefilter("ignore")
begin = time.perf_counter_ns()
from case import compile_case, load, rows, states  # noqa: E402

IMPORT = time.perf_counter_ns() - begin


class Host(ctypes.Structure):
    """The driver's view of the arrays of a node."""

    _fields_ = [
        ("outputs", ctypes.c_void_p),
        ("output_ticked", ctypes.c_void_p),
        ("states", ctypes.c_void_p),
        ("inputs", ctypes.c_void_p),
        ("input_ticked", ctypes.c_void_p),
        ("input_valid", ctypes.c_void_p),
        ("input_count", ctypes.c_int64),
        ("output_count", ctypes.c_int64),
    ]


def compiled(path, case):
    """A compilation and the time it took."""
    function = load(path, case["function"])
    begin = time.perf_counter_ns()
    result = compile_case(function, case)
    return time.perf_counter_ns() - begin, result


def cells(words):
    """Cells that hold the words, and an array of pointers at them."""
    store = (ctypes.c_uint64 * max(len(words), 1))(*words)
    first = ctypes.addressof(store)
    return store, (ctypes.c_void_p * max(len(words), 1))(*(first + 8 * index for index in range(len(words))))


def ticks(result, case, driver, rounds, calls):
    """Nanoseconds a call, one figure a round; the first round is dropped."""
    input_count, output_count = len(case["inputs"]), len(case["outputs"])
    words = rows(case)
    row_array = (ctypes.c_uint64 * len(words))(*words)
    input_cells, input_pointers = cells([0] * input_count)
    output_cells, output_pointers = cells([0] * output_count)
    state_cells, state_pointers = cells(states(case))
    flags = [(ctypes.c_int8 * max(count, 1))(*([value] * count))
             for count, value in ((output_count, 0), (input_count, 1), (input_count, 1))]
    address = ctypes.addressof
    host = Host(address(output_pointers), address(flags[0]), address(state_pointers), address(input_pointers),
                address(flags[1]), address(flags[2]), input_count, output_count)
    figures = []
    for _ in range(rounds + 1):
        taken = driver.cfunc_bench_drive(ctypes.c_void_p(result.compiled_func.address), ctypes.byref(host), row_array,
                                         ctypes.c_int64(len(case["ticks"])), ctypes.c_int64(calls))
        figures.append(taken / calls)
    return figures[1:]


def main():
    path = pathlib.Path(sys.argv[1])
    case = json.loads(path.read_text())
    recompilations, rounds, calls = (int(argument) for argument in sys.argv[3:6])
    source = path.with_suffix(".py")
    driver = ctypes.CDLL(sys.argv[2])
    driver.cfunc_bench_drive.restype = ctypes.c_int64
    try:
        first, result = compiled(source, case)
        later = [compiled(source, case)[0] for _ in range(recompilations)]
    except Exception as error:  # whatever the peer raises is the answer
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return
    figures = ticks(result, case, driver, rounds, calls)
    print(json.dumps({"import": IMPORT, "first": first, "later": later, "tick": figures}))


main()

"""Measures one recorded case with the peer, in a process of its own, and prints the figures as one JSON object.

Usage: measure.py CASE.json DRIVER.so RECOMPILATIONS ROUNDS CALLS

Times are in nanoseconds: `import`, `first` (the first compilation of the process), `later` (a list), `tick` (a list, per
call). A case that the peer does not compile gives `{"error": "..."}`.
"""

import ctypes
import json
import pathlib
import struct
import sys
import time
import warnings

warnings.simplefilter("ignore")
begin = time.perf_counter_ns()
from numba_cfunc_compiler import node_api  # noqa: E402
from numba_cfunc_compiler.tests import harness  # noqa: E402

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


def load(path, function):
    """The case's function, defined anew: what the peer keeps by function object does not help it."""
    import datetime
    import math

    scope = {name: getattr(node_api, name) for name in ("State", "set_output")}
    scope.update(Signal=harness.Signal, numba_node=harness.numba_node, math=math)
    scope.update({name: getattr(datetime, name) for name in ("datetime", "timedelta", "timezone")})
    exec(compile(path.read_text(), str(path), "exec"), scope)
    return scope[function]


def compiled(path, case):
    """A compilation and the time it took."""
    function = load(path, case["function"])
    begin = time.perf_counter_ns()
    result = harness.compile_function(function, **case["constants"])
    return time.perf_counter_ns() - begin, result


def bits(value):
    """The 8 bytes of a cell as an unsigned integer."""
    if isinstance(value, str):
        value = float(value)
    return struct.unpack("<Q", struct.pack("<d" if isinstance(value, float) else "<q", value))[0]


def cells(values):
    """Cells that hold the values, and an array of pointers at them."""
    store = (ctypes.c_uint64 * max(len(values), 1))(*(bits(value) for value in values))
    first = ctypes.addressof(store)
    return store, (ctypes.c_void_p * max(len(values), 1))(*(first + 8 * index for index in range(len(values))))


def typed(value, name):
    """A value of a recorded row as the type of its input wants it."""
    return float(value) if name == "float" else int(value)


def ticks(result, case, driver, rounds, calls):
    """Nanoseconds a call, one figure a round; the first round is dropped."""
    inputs, outputs, states = case["inputs"], case["outputs"], case["state_slots"]
    rows = [bits(typed(v, i["type"])) for tick in case["ticks"] for v, i in zip(tick["values"], inputs)]
    row_array = (ctypes.c_uint64 * len(rows))(*rows)
    initial = [typed(value, slot["type"]) for value, slot in zip(case["state_values"], states)]
    input_cells, input_pointers = cells([0] * len(inputs))
    output_cells, output_pointers = cells([0] * len(outputs))
    state_cells, state_pointers = cells(initial)
    flags = [(ctypes.c_int8 * max(count, 1))(*([value] * count))
             for count, value in ((len(outputs), 0), (len(inputs), 1), (len(inputs), 1))]
    address = ctypes.addressof
    host = Host(address(output_pointers), address(flags[0]), address(state_pointers), address(input_pointers),
                address(flags[1]), address(flags[2]), len(inputs), len(outputs))
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

"""A recorded case as the peer takes it: the function, its compilation, and what its cells hold."""

import datetime
import math
import struct

from numba_cfunc_compiler import node_api
from numba_cfunc_compiler.tests import harness


def load(path, function):
    """The case's function, defined anew: what the peer keeps by function object does not help it."""
    scope = {name: getattr(node_api, name) for name in ("State", "set_output")}
    scope.update(Signal=harness.Signal, numba_node=harness.numba_node, math=math)
    scope.update({name: getattr(datetime, name) for name in ("datetime", "timedelta", "timezone")})
    exec(compile(path.read_text(), str(path), "exec"), scope)
    return scope[function]


def compile_case(function, case):
    """The peer's result for a loaded function."""
    return harness.compile_function(function, **case["constants"])


def bits(value):
    """The 8 bytes of a cell as an unsigned integer."""
    if isinstance(value, str):
        value = float(value)
    return struct.unpack("<Q", struct.pack("<d" if isinstance(value, float) else "<q", value))[0]


def typed(value, name):
    """A value of a recorded row as the type of its input wants it."""
    return float(value) if name == "float" else int(value)


def rows(case):
    """The cells of the inputs, tick after tick."""
    inputs = case["inputs"]
    return [bits(typed(v, i["type"])) for tick in case["ticks"] for v, i in zip(tick["values"], inputs)]


def states(case):
    """The initial cells of the states, in the order of slots."""
    return [bits(typed(value, slot["type"])) for value, slot in zip(case["state_values"], case["state_slots"])]

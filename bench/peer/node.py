"""What the scripts share that run a node on CPython and on the peer, a slice of calls at a time."""

import ast
import ctypes
import json
import sys
import warnings
from typing import Annotated

MASK = (1 << 64) - 1
STATE_CELLS = 64


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


def interpreted(text, function, inputs, constants, scope):
    """The node of a name as a function of Python of its first so many parameters; its states are variables around it."""
    tree = ast.parse(text)
    place, node = next((i, n) for i, n in enumerate(tree.body) if getattr(n, "name", None) == function)
    node.decorator_list, node.returns = [], None
    names, before, body = [], [], []
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign):
            names.append(statement.target.id)
            before.append(ast.Assign([statement.target], statement.value))
        else:
            body.append(statement)
    node.body = ([ast.Nonlocal(names)] if names else []) + body
    node.args.args = [ast.arg(argument.arg) for argument in node.args.args[:inputs]]
    wanted = [ast.arg(name) for name in constants]
    arguments = ast.arguments([], wanted, None, [], [], None, [])
    tree.body[place] = ast.FunctionDef("make", arguments, [*before, node, ast.Return(ast.Name(function, ast.Load()))], [])
    exec(compile(ast.fix_missing_locations(tree), "node", "exec"), scope)
    return scope["make"](**constants)


class Compiled:
    """The node as the peer compiles it, with cells of its own, started."""

    def __init__(self, text, path, function, column, driver, inputs, outputs, constants):
        warnings.simplefilter("ignore")
        from numba_cfunc_compiler import node_api
        from numba_cfunc_compiler.tests import harness

        scope = {name: getattr(node_api, name) for name in dir(node_api) if not name.startswith("_")}
        scope.update(Signal=harness.Signal, numba_node=harness.numba_node, Annotated=Annotated)
        exec(compile(text, str(path), "exec"), scope)
        self.result = harness.compile_function(scope[function], **constants)
        cells = STATE_CELLS + inputs + outputs
        self.cells = (ctypes.c_uint64 * cells)()
        first = ctypes.addressof(self.cells)
        self.pointers = (ctypes.c_void_p * cells)(*(first + 8 * index for index in range(cells)))
        self.flags = (ctypes.c_int8 * (outputs + 2 * inputs))(*([0] * outputs + [1] * (2 * inputs)))
        arrays, flags = ctypes.addressof(self.pointers), ctypes.addressof(self.flags)
        self.host = Host(arrays, flags, arrays + 8 * (inputs + outputs), arrays + 8 * outputs, flags + outputs,
                         flags + outputs + inputs, inputs, outputs)
        self.outputs, self.width = outputs, inputs
        self.column, self.driver = column, ctypes.CDLL(driver)
        self.driver.cfunc_bench_drive.restype = ctypes.c_int64
        self.driver.cfunc_bench_digest.restype = ctypes.c_uint64
        self.phase(1)

    def phase(self, phase):
        """Calls a phase."""
        pointer, flag = ctypes.c_void_p, ctypes.c_int8
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, flag, pointer, pointer, pointer)
        host = self.host
        kind(self.result.compiled_func.address)(
            host.outputs, host.output_ticked, host.states, phase, host.inputs, host.input_ticked, host.input_valid
        )

    def call(self, function, first, *arguments):
        """A function of the driver, over the column from a row on."""
        rows = ctypes.c_void_p(self.column.buffer_info()[0] + 8 * first * self.width)
        return function(ctypes.c_void_p(self.result.compiled_func.address), ctypes.byref(self.host), rows, *arguments)

    def slice(self, first, calls):
        """Nanoseconds a call."""
        calls = ctypes.c_int64(calls)
        return self.call(self.driver.cfunc_bench_drive, first, calls, calls) / calls.value


def answer(python, peer):
    """Prints the digests of both, then answers the questions of the input. `peer` makes the peer's, or is None."""
    engines, found = {"python": python}, {"python": python.digest()}
    if peer is not None:
        try:
            engines["peer"] = peer()
            found["peer"] = engines["peer"].digest()
        except Exception as error:  # whatever the peer raises is the answer
            found["error"] = (f"{type(error).__name__}: {error}".splitlines() or ["?"])[0]
    print(json.dumps(found), flush=True)
    for line in sys.stdin:
        name, first, calls, slices = line.split()
        first, calls = int(first), int(calls)
        figures = sorted(engines[name].slice(first, calls) for _ in range(int(slices)))
        print(figures[len(figures) // 2], flush=True)

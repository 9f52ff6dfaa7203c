"""Runs one node with containers on the peer and on CPython, a slice of calls at a time, as the benches ask for them.

Usage: containers.py NODE.py COLUMN DRIVER.so PEER INPUT OUTPUT CONSTANTS

COLUMN is a file of the input's cells, PEER 1 or 0, INPUT and OUTPUT are `int` or `float`, CONSTANTS is JSON. First, each
runs over the column, and one line of JSON has digests of what came out: `{"python": 1, "peer": 1}`, with `"error"` in
the place of `"peer"` where that fails. Then each line `python FIRST CALLS SLICES` or `peer FIRST CALLS SLICES` is
answered with a line: the median, over the slices, of the nanoseconds a call.
"""

import array
import ast
import ctypes
import json
import pathlib
import struct
import sys
import time
import warnings

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


def median(figures):
    """The middle one."""
    return sorted(figures)[len(figures) // 2]


class Interpreted:
    """The node as a function of Python whose states are variables around it."""

    def __init__(self, text, column, input_type, output_type, constants):
        tree = ast.parse(text)
        node = tree.body[0]
        node.decorator_list, node.returns = [], None
        names, before, body = [], [], []
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                names.append(statement.target.id)
                before.append(ast.Assign([statement.target], statement.value))
            else:
                body.append(statement)
        node.body = ([ast.Nonlocal(names)] if names else []) + body
        node.args.args = [ast.arg(node.args.args[0].arg)]
        wanted = [ast.arg(name) for name in constants]
        arguments = ast.arguments([], wanted, None, [], [], None, [])
        around = ast.FunctionDef("make", arguments, [*before, node, ast.Return(ast.Name("node", ast.Load()))], [])
        scope = {"create_new_list": lambda _: [], "create_new_dict": lambda _key, _value: {}}
        module = ast.fix_missing_locations(ast.Module([around], []))
        exec(compile(module, "node", "exec"), scope)
        self.node = scope["make"](**constants)
        code = "d" if input_type == "float" else "q"
        self.column = array.array(code, column.tobytes()).tolist()
        self.code = "<d" if output_type == "float" else "<q"

    def digest(self):
        """A number that all results of the column, in their order, decide."""
        digest = 0
        for value in self.column:
            digest = (digest * 31 + struct.unpack("<Q", struct.pack(self.code, self.node(value)))[0]) & MASK
        return digest

    def slice(self, first, calls):
        """Nanoseconds a call."""
        node, column = self.node, self.column[first : first + calls]
        begin = time.perf_counter_ns()
        for value in column:
            node(value)
        return (time.perf_counter_ns() - begin) / calls


class Compiled:
    """The node as the peer compiles it."""

    def __init__(self, text, path, column, driver, constants):
        warnings.simplefilter("ignore")
        from numba_cfunc_compiler import node_api
        from numba_cfunc_compiler.tests import harness

        scope = {name: getattr(node_api, name) for name in dir(node_api) if not name.startswith("_")}
        scope.update(Signal=harness.Signal, numba_node=harness.numba_node)
        exec(compile(text, str(path), "exec"), scope)
        self.result = harness.compile_function(scope["node"], **constants)
        self.cells = (ctypes.c_uint64 * (STATE_CELLS + 2))()
        first = ctypes.addressof(self.cells)
        self.pointers = (ctypes.c_void_p * (STATE_CELLS + 2))(*(first + 8 * i for i in range(STATE_CELLS + 2)))
        self.flags = (ctypes.c_int8 * 3)(0, 1, 1)
        arrays, flags = ctypes.addressof(self.pointers), ctypes.addressof(self.flags)
        self.host = Host(arrays, flags, arrays + 16, arrays + 8, flags + 1, flags + 2, 1, 1)
        pointer, flag = ctypes.c_void_p, ctypes.c_int8
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, flag, pointer, pointer, pointer)
        host = self.host
        kind(self.result.compiled_func.address)(
            host.outputs, host.output_ticked, host.states, 1, host.inputs, host.input_ticked, host.input_valid
        )
        self.column, self.driver = column, ctypes.CDLL(driver)
        self.driver.cfunc_bench_drive.restype = ctypes.c_int64
        self.driver.cfunc_bench_digest.restype = ctypes.c_uint64

    def call(self, function, first, *arguments):
        """A function of the driver, over the column from a row on."""
        rows = ctypes.c_void_p(self.column.buffer_info()[0] + 8 * first)
        return function(ctypes.c_void_p(self.result.compiled_func.address), ctypes.byref(self.host), rows, *arguments)

    def digest(self):
        """A number that all results of the column, in their order, decide."""
        return self.call(self.driver.cfunc_bench_digest, 0, ctypes.c_int64(len(self.column)))

    def slice(self, first, calls):
        """Nanoseconds a call."""
        calls = ctypes.c_int64(calls)
        return self.call(self.driver.cfunc_bench_drive, first, calls, calls) / calls.value


def main():
    path, driver = pathlib.Path(sys.argv[1]), sys.argv[3]
    input_type, output_type = sys.argv[5:7]
    text, constants = path.read_text(), json.loads(sys.argv[7])
    column = array.array("Q", pathlib.Path(sys.argv[2]).read_bytes())
    engines = {"python": Interpreted(text, column, input_type, output_type, constants)}
    found = {"python": engines["python"].digest()}
    if sys.argv[4] == "1":
        try:
            engines["peer"] = Compiled(text, path, column, driver, constants)
            found["peer"] = engines["peer"].digest()
        except Exception as error:  # whatever the peer raises is the answer
            found["error"] = f"{type(error).__name__}: {error}".splitlines()[0]
    print(json.dumps(found), flush=True)
    for line in sys.stdin:
        name, first, calls, slices = line.split()
        first, calls = int(first), int(calls)
        print(median([engines[name].slice(first, calls) for _ in range(int(slices))]), flush=True)


main()

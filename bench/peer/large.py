"""Runs one of the larger nodes on CPython, and on the peer where it takes it, a slice of calls at a time.

Usage: large.py NODE.py FUNCTION COLUMN DRIVER.so PEER DESCRIPTION

COLUMN is a file of the inputs' cells, row after row, PEER 1 or 0. DESCRIPTION is JSON: types of `inputs` and `outputs`,
`constants`; an input of type `OrderBook` has `width` cells. First, each runs over the column, and one line of JSON has
digests of what came out: `{"python": 1, "peer": 1}`, with `"error"` in the place of `"peer"` where that fails. Then each
line `python FIRST CALLS SLICES` or `peer FIRST CALLS SLICES` is answered with a line: the median, over the slices, of the
nanoseconds a call.
"""

import array
import ast
import ctypes
import datetime
import json
import pathlib
import struct
import sys
import time
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


def median(figures):
    """The middle one."""
    return sorted(figures)[len(figures) // 2]


def decoded(records, column, described):
    """The values of the rows as Python has them."""
    readers = {
        "int": lambda cells: struct.unpack("<q", cells)[0],
        "float": lambda cells: struct.unpack("<d", cells)[0],
        "datetime": lambda cells: records.EPOCH + datetime.timedelta(microseconds=struct.unpack("<q", cells)[0] // 1000),
        "OrderBook": lambda cells: records.OrderBook(list(struct.unpack(f"<{len(cells) // 8}q", cells))),
    }
    widths = [described["width"] if name == "OrderBook" else 1 for name in described["inputs"]]
    content, row, rows = column.tobytes(), 8 * sum(widths), []
    for start in range(0, len(content), row):
        values, at = [], start
        for name, width in zip(described["inputs"], widths):
            values.append(readers[name](content[at : at + 8 * width]))
            at += 8 * width
        rows.append(tuple(values))
    return rows


class Interpreted:
    """The node as a function of Python whose states are variables around it, and which gives what ticked."""

    def __init__(self, text, function, records, column, described):
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
        node.args.args = [ast.arg(argument.arg) for argument in node.args.args[: len(described["inputs"])]]
        wanted = [ast.arg(name) for name in described["constants"]]
        arguments = ast.arguments([], wanted, None, [], [], None, [])
        tree.body[place] = ast.FunctionDef("make", arguments, [*before, node, ast.Return(ast.Name(function, ast.Load()))], [])
        self.ticked = {}
        scope = {"create_new_list": lambda _: [], "set_output": self.ticked.__setitem__}
        exec(compile(ast.fix_missing_locations(tree), "node", "exec"), scope)
        self.node = scope["make"](**described["constants"])
        self.rows = decoded(records, column, described)
        self.outputs = described["outputs"]

    def digest(self):
        """A number that decide all results of the column, in their order."""
        digest, ticked = 0, self.ticked
        for row in self.rows:
            ticked.clear()
            value = self.node(*row)
            if value is not None:
                ticked[next(iter(self.outputs))] = value
            for name, kind in self.outputs.items():
                if name in ticked:
                    cell = struct.pack("<d", ticked[name]) if kind == "float" else struct.pack("<q", ticked[name])
                    digest = (digest * 31 + struct.unpack("<Q", cell)[0]) & MASK
            flags = sum(1 << bit for bit, name in enumerate(self.outputs) if name in ticked)
            digest = (digest * 31 + flags) & MASK
        return digest

    def slice(self, first, calls):
        """Nanoseconds a call."""
        node, rows = self.node, self.rows[first : first + calls]
        begin = time.perf_counter_ns()
        for row in rows:
            node(*row)
        return (time.perf_counter_ns() - begin) / calls


class Compiled:
    """The node as the peer compiles it."""

    def __init__(self, text, path, function, column, driver, described):
        warnings.simplefilter("ignore")
        from numba_cfunc_compiler import node_api
        from numba_cfunc_compiler.tests import harness

        scope = {name: getattr(node_api, name) for name in dir(node_api) if not name.startswith("_")}
        scope.update(Signal=harness.Signal, numba_node=harness.numba_node, Annotated=Annotated)
        exec(compile(text, str(path), "exec"), scope)
        self.result = harness.compile_function(scope[function], **described["constants"])
        inputs, outputs = len(described["inputs"]), len(described["outputs"])
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
        self.phase(1)

    def phase(self, phase):
        """Calls a phase."""
        pointer, flag = ctypes.c_void_p, ctypes.c_int8
        kind = ctypes.CFUNCTYPE(None, pointer, pointer, pointer, flag, pointer, pointer, pointer)
        host = self.host
        kind(self.result.compiled_func.address)(
            host.outputs, host.output_ticked, host.states, phase, host.inputs, host.input_ticked, host.input_valid
        )

    def digest(self):
        """A number that decide all results of the column, in their order."""
        digest = 0
        for row in range(0, len(self.column), self.width):
            for index in range(self.width):
                self.cells[self.outputs + index] = self.column[row + index]
            for index in range(self.outputs):
                self.flags[index] = 0
            self.phase(0)
            flags = 0
            for index in range(self.outputs):
                if self.flags[index]:
                    digest = (digest * 31 + self.cells[index]) & MASK
                    flags |= 1 << index
            digest = (digest * 31 + flags) & MASK
        return digest

    def slice(self, first, calls):
        """Nanoseconds a call."""
        rows = ctypes.c_void_p(self.column.buffer_info()[0] + 8 * first * self.width)
        address, calls = ctypes.c_void_p(self.result.compiled_func.address), ctypes.c_int64(calls)
        return self.driver.cfunc_bench_drive(address, ctypes.byref(self.host), rows, calls, calls) / calls.value


def main():
    path, function, driver = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[4]
    text, described = path.read_text(), json.loads(sys.argv[6])
    sys.path.insert(0, str(path.parent))
    import records

    sys.modules["cfunc_bench"] = records
    column = array.array("Q", pathlib.Path(sys.argv[3]).read_bytes())
    engines = {"python": Interpreted(text, function, records, column, described)}
    found = {"python": engines["python"].digest()}
    if sys.argv[5] == "1":
        try:
            engines["peer"] = Compiled(text, path, function, column, driver, described)
            found["peer"] = engines["peer"].digest()
        except Exception as error:  # whatever the peer raises is the answer
            found["error"] = (f"{type(error).__name__}: {error}".splitlines() or ["?"])[0]
    print(json.dumps(found), flush=True)
    for line in sys.stdin:
        name, first, calls, slices = line.split()
        first, calls = int(first), int(calls)
        print(median([engines[name].slice(first, calls) for _ in range(int(slices))]), flush=True)


main()

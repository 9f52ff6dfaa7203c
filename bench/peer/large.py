"""Runs one of the larger nodes on CPython, and on the peer where it takes it, a slice of calls at a time.

Usage: large.py NODE.py FUNCTION COLUMN DRIVER.so PEER DESCRIPTION

COLUMN is a file of the inputs' cells, row after row, PEER 1 or 0. DESCRIPTION is JSON: types of `inputs` and `outputs`,
`constants`; an input of type `OrderBook` has `width` cells. First, each runs over the column, and one line of JSON has
digests of what came out: `{"python": 1, "peer": 1}`, with `"error"` in the place of `"peer"` where that fails. Then each
line `python FIRST CALLS SLICES` or `peer FIRST CALLS SLICES` is answered with a line: the median, over the slices, of the
nanoseconds a call.
"""

import array
import datetime
import json
import pathlib
import struct
import sys
import time

import node as shared


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
    """The node as CPython runs it, which gives what ticked."""

    def __init__(self, text, function, records, column, described):
        self.ticked = {}
        scope = {"create_new_list": lambda _: [], "set_output": self.ticked.__setitem__}
        self.node = shared.interpreted(text, function, len(described["inputs"]), described["constants"], scope)
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
                    digest = (digest * 31 + struct.unpack("<Q", cell)[0]) & shared.MASK
            flags = sum(1 << bit for bit, name in enumerate(self.outputs) if name in ticked)
            digest = (digest * 31 + flags) & shared.MASK
        return digest

    def slice(self, first, calls):
        """Nanoseconds a call."""
        node, rows = self.node, self.rows[first : first + calls]
        begin = time.perf_counter_ns()
        for row in rows:
            node(*row)
        return (time.perf_counter_ns() - begin) / calls


class Compiled(shared.Compiled):
    """The node as the peer compiles it."""

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
                    digest = (digest * 31 + self.cells[index]) & shared.MASK
                    flags |= 1 << index
            digest = (digest * 31 + flags) & shared.MASK
        return digest


def main():
    path, function, driver = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[4]
    text, described = path.read_text(), json.loads(sys.argv[6])
    sys.path.insert(0, str(path.parent))
    import records

    sys.modules["cfunc_bench"] = records
    column = array.array("Q", pathlib.Path(sys.argv[3]).read_bytes())
    python = Interpreted(text, function, records, column, described)
    counts = len(described["inputs"]), len(described["outputs"])
    peer = lambda: Compiled(text, path, function, column, driver, *counts, described["constants"])
    shared.answer(python, peer if sys.argv[5] == "1" else None)


main()

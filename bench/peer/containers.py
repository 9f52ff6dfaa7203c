"""Runs one node with containers on the peer and on CPython, a slice of calls at a time, as the benches ask for them.

Usage: containers.py NODE.py COLUMN DRIVER.so PEER INPUT OUTPUT CONSTANTS

COLUMN is a file of the input's cells, PEER 1 or 0, INPUT and OUTPUT are `int` or `float`, CONSTANTS is JSON. First, each
runs over the column, and one line of JSON has digests of what came out: `{"python": 1, "peer": 1}`, with `"error"` in
the place of `"peer"` where that fails. Then each line `python FIRST CALLS SLICES` or `peer FIRST CALLS SLICES` is
answered with a line: the median, over the slices, of the nanoseconds a call.
"""

import array
import ctypes
import json
import pathlib
import struct
import sys
import time

import node as shared


class Interpreted:
    """The node as CPython runs it."""

    def __init__(self, text, column, input_type, output_type, constants):
        scope = {"create_new_list": lambda _: [], "create_new_dict": lambda _key, _value: {}}
        self.node = shared.interpreted(text, "node", 1, constants, scope)
        code = "d" if input_type == "float" else "q"
        self.column = array.array(code, column.tobytes()).tolist()
        self.code = "<d" if output_type == "float" else "<q"

    def digest(self):
        """A number that all results of the column, in their order, decide."""
        digest = 0
        for value in self.column:
            cell = struct.unpack("<Q", struct.pack(self.code, self.node(value)))[0]
            digest = (digest * 31 + cell) & shared.MASK
        return digest

    def slice(self, first, calls):
        """Nanoseconds a call."""
        node, column = self.node, self.column[first : first + calls]
        begin = time.perf_counter_ns()
        for value in column:
            node(value)
        return (time.perf_counter_ns() - begin) / calls


class Compiled(shared.Compiled):
    """The node as the peer compiles it."""

    def digest(self):
        """A number that all results of the column, in their order, decide."""
        return self.call(self.driver.cfunc_bench_digest, 0, ctypes.c_int64(len(self.column)))


def main():
    path, driver = pathlib.Path(sys.argv[1]), sys.argv[3]
    input_type, output_type = sys.argv[5:7]
    text, constants = path.read_text(), json.loads(sys.argv[7])
    column = array.array("Q", pathlib.Path(sys.argv[2]).read_bytes())
    python = Interpreted(text, column, input_type, output_type, constants)
    peer = lambda: Compiled(text, path, "node", column, driver, 1, 1, constants)
    shared.answer(python, peer if sys.argv[4] == "1" else None)


main()

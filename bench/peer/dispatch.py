"""Calls functions through Numba's dispatcher, and as CPython calls them, as the benches ask for it.

Usage: dispatch.py

Each line `call NAME COUNT` is answered with the nanoseconds a call that takes, of as many, without those of the loop; the
function is compiled already. A line `python NAME COUNT` is the same of the function as CPython runs it. A line `first NAME`
is answered with the nanoseconds of the first call of the function, defined anew.
"""

import sys
import time

from numba import njit

SOURCES = {
    "floats": ("def f(x, y):\n    return x * y + 0.5\n", "1.5, 2.5"),
    "ints": ("def f(x, y, z):\n    return x * y - z\n", "3, 4, 5"),
    "none": ("def f():\n    return 1\n", ""),
}


def function(name):
    """The function of a name, defined anew."""
    scope = {}
    exec(SOURCES[name][0], scope)
    return scope["f"]


def loop(body):
    """A loop that does so much in each round."""
    scope = {}
    exec(f"def run(f, count):\n    for _ in range(count):\n        {body}\n", scope)
    return scope["run"]


def timed(run, called, count):
    """Nanoseconds of a run."""
    begin = time.perf_counter_ns()
    run(called, count)
    return time.perf_counter_ns() - begin


def main():
    empty = loop("pass")
    calls = {name: loop(f"f({arguments})") for name, (_, arguments) in SOURCES.items()}
    compiled = {}
    for line in sys.stdin:
        what, name, *rest = line.split()
        if what == "first":
            begin = time.perf_counter_ns()
            calls[name](njit(function(name)), 1)
            print(time.perf_counter_ns() - begin, flush=True)
            continue
        if what == "call" and name not in compiled:
            compiled[name] = njit(function(name))
            calls[name](compiled[name], 1)
        called = compiled[name] if what == "call" else function(name)
        count = int(rest[0])
        # The process slept until it was asked: what counts is what comes after as much that does not.
        calls[name](called, count)
        print((timed(calls[name], called, count) - timed(empty, called, count)) / count, flush=True)


main()

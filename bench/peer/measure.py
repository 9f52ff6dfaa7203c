"""Measures one recorded case with the peer, in a process of its own, and prints the figures as one JSON object.

Usage: measure.py CASE.json RECOMPILATIONS

Times are in nanoseconds: `import`, `first` (the first compilation of the process), `later` (a list). A case that the peer
does not compile gives `{"error": "..."}`.
"""

import json
import pathlib
import sys
import time
import warnings

warnings.simplefilter("ignore")
begin = time.perf_counter_ns()
from case import compile_case, load  # noqa: E402

IMPORT = time.perf_counter_ns() - begin


def compiled(path, case):
    """A compilation and the time it took."""
    function = load(path, case["function"])
    begin = time.perf_counter_ns()
    result = compile_case(function, case)
    return time.perf_counter_ns() - begin, result


def main():
    path = pathlib.Path(sys.argv[1])
    case = json.loads(path.read_text())
    recompilations = int(sys.argv[2])
    source = path.with_suffix(".py")
    try:
        first, _ = compiled(source, case)
        later = [compiled(source, case)[0] for _ in range(recompilations)]
    except Exception as error:  # whatever the peer raises is the answer
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return
    print(json.dumps({"import": IMPORT, "first": first, "later": later}))


main()

"""Memory of a process that keeps many nodes, compiled by the peer from different sources.

Usage: nodes.py COUNT

Prints the resident memory of the process in KiB after a few nodes were compiled, and after as many more as are asked for.
"""

import pathlib
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
from numba_cfunc_compiler import node_api  # noqa: E402
from numba_cfunc_compiler.tests import harness  # noqa: E402

SOURCE = """\
@numba_node
def node_{number}(x: Signal[float]) -> Signal[float]:
    y: State[float] = 0.0
    count: State[int] = {number}
    count += 1
    y = 0.25 * x + 0.75 * y
    if count % 2 == 0:
        return y + {number}.5
    return y
"""


def resident():
    """Resident memory of this process in KiB."""
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def node(number, folder):
    """A compiled node. The peer reads the text of functions from their files."""
    path = pathlib.Path(folder) / f"node_{number}.py"
    path.write_text(SOURCE.format(number=number))
    scope = {"State": node_api.State, "Signal": harness.Signal, "numba_node": harness.numba_node}
    exec(compile(path.read_text(), str(path), "exec"), scope)
    return harness.compile_function(scope[f"node_{number}"])


def main():
    count = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        kept = [node(number, folder) for number in range(5)]
        print(resident())
        kept.extend(node(number, folder) for number in range(5, count + 5))
        print(resident())


main()

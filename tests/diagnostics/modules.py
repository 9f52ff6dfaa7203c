import math as m
import numpy as np
from enum import Enum, IntEnum, auto
from numpy import abs as absolute

LOG = make_log()
BAD = 1 << -1
LIST = [1, 2]
LIST[0] = 5
if m.pi > 3:
    MAYBE = 1


class Side(Enum):
    BUY = 1
    SELL = -1


class Color(Enum):
    RED = 1


class Wide(Enum):
    TOO_WIDE = 100000


class Named(Enum):
    A = "a"


class Falling(IntEnum):
    A = 5
    B = 3
    C = auto()


class Plain:
    x = 1


def f(n):
    return g(n) + 1


def g(n):
    return h(n, 2)


def h(n, k):
    return f(n - k)  # error: [E0403] "`f` calls itself: f -> g -> h -> f"


def selfish(n):
    return selfish(n - 1) if n > 0 else 0  # error: [E0403] "selfish -> selfish"


def both(x, low=0, *, high):
    return low + x + high


def wrong(x):
    return x + None  # error: [E0301]


def unlike(x):
    if x > 0:
        return 1
    return "no"  # error: [E0303] "`unlike` returns int on one path and str on another"


def many(*values):  # error: [E0205]
    return 1


def stateful(x):
    n: State[int] = 0  # error: [E0203]
    return n + x


@node
def names(x: Signal[int]) -> Signal[int]:
    a = LOG  # error: [E0402] "`LOG` cannot be used in a node"
    b = BAD  # error: [E0402]
    c = MAYBE  # error: [E0402] "depends on the path"
    d = LIST[0]  # error: [E0402]
    e = np.abs(x)  # error: [E0101] "np.abs"
    g = absolute(x)  # error: [E0101]
    k = np.anything  # error: [E0101]
    return x


@node
def classes(x: Signal[int]) -> Signal[int]:
    a = Side  # error: [E0307] "a value of type type[Side]"
    b = Side.BYU  # error: [E0305] "`Side` has no member `BYU`"
    c = Side.MARKET  # error: [E0305] "`Side` has no member `MARKET`"
    c = Side.BUY == Color.RED  # error: [E0402]
    d = Side.BUY < Side.SELL  # error: [E0402]
    e = Wide.TOO_WIDE  # error: [E0402]
    return x


@node
def of_names(side: Signal[Side], x: Signal[Named]) -> Signal[int]:  # error: [E0202]
    return 1


@node
def automatic(x: Signal[int]) -> Signal[int]:
    a = Falling.C  # error: [E0402]
    return Plain.x  # error: [E0401] "`Plain`"


@node
def recursive(x: Signal[int]) -> Signal[int]:
    return f(x) + selfish(x)


@node
def arguments(x: Signal[int]) -> Signal[int]:
    a = both(x)  # error: [E0304] "is given no argument for `high`"
    b = both(x, 1, 2)  # error: [E0304] "at most 2 by position, 3 are given"
    c = both(x, high=1, hihg=2)  # error: [E0304] "takes no keyword argument `hihg`"
    d = both(x, 1, low=2, high=3)  # error: [E0304] "is given `low` twice"
    e = both + 1  # error: [E0307] "`both` is a function"
    return x


@node
def bodies(x: Signal[int]) -> Signal[int]:
    a = wrong(x) + wrong(x + 1)
    b = unlike(x)
    c = many(x)
    d = stateful(x)
    return x


@node
def calls_node(x: Signal[int]) -> Signal[int]:
    return names(x)  # error: [E0306] "`names` is a node"


@node
def lifecycle(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    n += x
    return n


@lifecycle.start
def begin():
    n = x  # error: [E0007] "the input `x` is not there in START"
    if x.ticked():  # error: [E0007]
        return 1  # error: [E0501]
    k: State[int] = 0  # error: [E0203]


@lifecycle.start
def again():  # error: [E0103]
    pass


@lifecycle.stop
def end(argument):  # error: [E0205]
    n = 0


def too_large(v):
    return v + 99999999999999999999  # error: [E0005] at "99999999999999999999"


@node
def of_what_is_too_large(x: Signal[int]) -> Signal[int]:
    return too_large(x)

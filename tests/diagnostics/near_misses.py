# What Python has and nodes do not, with what to do instead; names that are nearly right.
from enum import Enum


class Side(Enum):
    BUY = 1
    SELL = 2
    LONG = 1


@node
def extremes(x: Signal[int]) -> Signal[int]:
    first = max((x, 2), default=5)  # error: [E0304] at "max((x, 2), default=5)"
    second = min(range(x), default=7)  # error: [E0304] "`min` is not defined for range and `default=int`"
    third = max(x, 2, key=abs)  # error: [E0307] "`abs` is not a value" at "abs"
    return first + second + third


@node
def ordered(x: Signal[int]) -> Signal[int]:
    t = (x, 2)
    for v in sorted(t):  # error: [E0304] "`sorted` is not defined for tuple[int, int] and bool"
        pass
    return x


@node
def letters(x: Signal[int]) -> Signal[int]:
    s = "abc"
    if s[0] == "a":  # error: [E0301] "`subscript` is not defined for str and int" at "s[0]"
        return x


@node
def sides(x: Signal[int]) -> Signal[int]:
    side = Side["LNOG"]  # error: [E0402] "`Side` has no member of the name"
    if side is Side["LONG"]:
        return x


@late.start  # error: [E0101] "`late.start` stands before `late`" at "late.start"
def early():
    n = 4


@node
def late(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    return x + n


@node
def started(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    return x + n


@started.strat  # warning: [W0105] "nothing is known of `started.strat`" at "started.strat"
def _():
    n = 1


@startd.stop  # warning: [W0105] at "startd"
def __():
    n = 2


@started.register
def other():
    n = 3

from enum import Enum


class Side(Enum):
    BUY = 1
    SELL = -1


@node
def extremes(x: Signal[int]) -> Signal[int]:
    a = min((x, 2), key=abs)  # error: [E0307] "`abs` is not a value"
    b = max((x, 2), default=0)  # error: [E0304] "`max` is not defined for tuple[int, int]"
    c = min((), default=0)  # error: [E0402] "min takes no keyword argument `default`"
    return x


@node
def orders(x: Signal[int]) -> Signal[int]:
    a = sorted((x, 2, 1))  # error: [E0304] "`sorted` is not defined for tuple[int, int, int]"
    b = sorted((x, 2, 1))[0]  # error: [E0304] "`sorted` is not defined for tuple[int, int, int]"
    return x


@node
def texts(x: Signal[int]) -> Signal[int]:
    a = "abc"[0] == "a"  # error: [E0301] "`subscript` is not defined for str and int"
    b = "abc"[x] == "a"  # error: [E0301] "`subscript` is not defined for str and int"
    c = "a" in "abc"  # error: [E0301] "`in` is not defined for str and str"
    d = "abc"[0:2]  # error: [E0301] "`subscript` is not defined for str and slice[int, int, None]"
    for letter in "abc":  # error: [E0301] "a value of type str cannot be iterated over"
        pass
    return x


@node
def patterns(x: Signal[int]) -> Signal[int]:
    match x:
        case int(n):  # error: [E0401] "a class pattern is not supported in a node"
            return n  # error: [E0101] "the name `n` is not known"
        case {"a": 1, **rest}:  # error: [E0401] "a mapping pattern is not supported in a node"
            return 1
    return 3


@node
def members(side: Signal[Side], x: Signal[int], y: Signal[float]) -> Signal[int]:
    a = Side(5)  # error: [E0402] "5 is of no member of `Side`"
    b = Side["BYU"]  # error: [E0402]
    c = Side(y)  # error: [E0304] "`call` is not defined for type[Side] and float"
    d = Side[side.name]  # error: [E0301] "`subscript` is not defined for type[Side] and str"
    e = x in Side  # error: [E0301] "`in` is not defined for type[Side] and int"
    f = Side  # error: [E0307] "a value of type type[Side] is used where it stands, and not kept in a local"
    g = Side()  # error: [E0304] "`call` is not defined for type[Side]"
    return side.value


@node
def values(x: Signal[int]) -> Signal[int]:
    return x(1)  # error: [E0306] "a value of type int cannot be called"

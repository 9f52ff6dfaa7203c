from enum import Enum


class Flag(Enum):
    A = 0
    B = 1


class Other(Enum):
    X = 0
    Y = 3


class Wide(Enum):
    LOW = 0
    HIGH = 128


class Side(Enum):
    BUY = 1
    SELL = -1


@node
def no_positions(a: Signal[EnumSet[Wide]], b: EnumSet[Side]) -> Signal[int]:  # error: [E0202] "`Wide.HIGH` is 128, and members of a set of 128 bits are from 0 to 127"  # error: [E0202] "the annotation of the parameter `b`: `Side.SELL` is -1"
    c: State[EnumSet[int]] = 0  # error: [E0203] "`int` is no enum with members"
    return 1


@node
def not_made(x: Signal[int]) -> Signal[EnumSet[Flag, Other]]:  # error: [E0204] "`EnumSet` takes one type"
    return EnumSet(Flag)


@node
def kept(x: Signal[int]) -> Signal[int]:
    by_set: State[dict[EnumSet[Flag], int]] = {}  # error: [E0203] "values of type EnumSet[Flag] are not keys of dicts"
    nested: State[list[list[int]]] = []  # error: [E0203] "values of type list[int] are not kept in lists"
    return x


@node
def made(x: Signal[int], flag: Signal[Flag], wide: Signal[Wide]) -> Signal[int]:
    a = EnumSet()  # error: [E0402] "EnumSet takes an enum, or members of one"
    b = EnumSet(Flag.A, Other.X)  # error: [E0402] "EnumSet takes members of one enum, and not of `Flag` and `Other`"
    c = EnumSet(x)  # error: [E0304] "EnumSet"
    d = EnumSet(Wide.HIGH)  # error: [E0402] "is no member of a set of 128 bits, which are from 0 to 127"
    e = EnumSet(Flag.A, 1)  # error: [E0402] "EnumSet takes members of an enum"
    f = EnumSet(Wide.LOW, wide)  # error: [E0302] "there are no sets of members of `Wide`: `Wide.HIGH` is 128"
    i = EnumSet(Wide.LOW)  # error: [E0307] "there are no sets of members of `Wide`: `Wide.HIGH` is 128"
    g = EnumSet(flag, Other.X)  # error: [E0304] "`EnumSet` is not defined for Flag and Other"
    h = EnumSet(EnumSet(flag), flag)  # error: [E0304] "`EnumSet` is not defined for EnumSet[Flag] and Flag"
    return x


@node
def operations(flags: Signal[EnumSet[Flag]], others: Signal[EnumSet[Other]], x: Signal[int]) -> Signal[bool]:
    a = flags | others  # error: [E0301] "`|` is not defined for EnumSet[Flag] and EnumSet[Other]"
    b = flags & Flag.A  # error: [E0301]
    c = x in flags  # error: [E0301] "`in` is not defined for EnumSet[Flag] and int"
    d = flags.contains(Other.X)  # error: [E0304] "`.contains()` is not defined for EnumSet[Flag] and Other"
    e = flags + flags  # error: [E0301]
    f = flags.unite(flags)  # error: [E0305] "EnumSet[Flag] has no method `unite`"
    g = flags == others  # error: [E0301]
    h = flags is flags  # error: [E0301]
    return flags.union(flags, flags)  # error: [E0304]


@node
def places(flags: Signal[EnumSet[Flag]], bound: EnumSet[Flag], x: Signal[int]) -> Signal[bool]:
    flags.add(Flag.A)  # error: [E0104] "`flags` is not written, and `add` updates what it is called on"
    bound.remove(Flag.A)  # error: [E0104] at "bound"
    (flags | EnumSet(Flag.A)).discard(Flag.B)  # error: [E0104] "`discard` updates a set that has no name"
    own = flags
    own.add()  # error: [E0304] "`add` takes one member"
    own.add(Flag.A, Flag.B)  # error: [E0304]
    own.clear(Flag.A)  # error: [E0304] "`clear` takes nothing"
    own.add(member=Flag.A)  # error: [E0304]
    own.insert(Flag.A)  # error: [E0305] "EnumSet[Flag] has no method `insert`"
    own.add(Other.X)  # error: [E0304] "`.add()` is not defined for EnumSet[Flag] and Other"
    return bool(own) and x > 0


def marked(flags):
    flags.add(Flag.B)  # error: [E0104] "`flags` is a parameter, and sets are copied into helpers"
    return flags


@node
def parameters(flags: Signal[EnumSet[Flag]]) -> Signal[EnumSet[Flag]]:
    return marked(flags)


@node
def cut(n: Signal[int]) -> Signal[int]:
    side = Side.BUY
    if n > 3:
        side = Side.SELL
    return Side(n) - side  # error: [E0301]


@node
def shared(flags: Signal[EnumSet[Flag]]) -> Signal[bool]:
    last: State[EnumSet[Flag]] = EnumSet(Flag)
    a = flags
    a.add(Flag.A)
    b = a
    b.add(Flag.B)  # warning: [W0006] "`a` has a set of its own, which `b.add` does not change"
    c = d = a.copy()
    d.discard(Flag.B)  # warning: [W0006] at "d.discard(Flag.B)"
    last = c
    e = last.copy()
    e.clear()
    last.clear()  # warning: [W0006]
    return a == b or c == d or e == last


@node
def no_members_named(x: Signal[EnumSet], y: Signal[int]) -> Signal[int]:  # error: [E0202] "`EnumSet` is complete with the types of what it holds in brackets"
    s: State[EnumSet] = EnumSet(Flag.A)  # error: [E0203] "the type of the state `s` is not complete"
    return y


@node
def in_brackets(x: Signal[int]) -> Signal[int]:
    a: State[EnumSet[Flag]] = EnumSet[Flag](Other.X)  # error: [E0402] "EnumSet takes members of one enum, and not of `Flag` and `Other`"
    return x

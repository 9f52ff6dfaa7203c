from enum import Enum

class Flag(Enum):
    A = 0
    B = 5
    C = 31
    D = 63
    E = 100
    ALSO_B = 5

def marked(flags, more):
    own = flags.copy()
    own.add(Flag.E)
    if more:
        own.discard(Flag.A)
    return own

@node
def set_methods(flag: Signal[Flag], n: Signal[int]) -> Annotated[Outputs, {
    "seen": EnumSet[Flag], "local": EnumSet[Flag], "count": int,
}]:
    seen: State[EnumSet[Flag]] = EnumSet(Flag)
    first: State[EnumSet[Flag]] = EnumSet(Flag.C, Flag.D)
    if n > 0:
        seen.add(flag)
    elif n < -5:
        seen.clear()
    elif n < 0:
        seen.discard(flag)
    local = EnumSet[Flag]()
    for i in range(n):
        local.add(Flag.B)
        if i == 2:
            local.add(Flag.A)
        if i > 2 and Flag.A in local:
            local.remove(Flag.A)
    local |= first.intersection(seen).union(marked(seen, n > 2))
    local -= EnumSet[Flag](Flag.D)
    local ^= EnumSet(Flag.C)
    first &= seen
    if n == 0:
        first |= EnumSet(Flag.C, Flag.D)
    return seen, local.symmetric_difference(EnumSet(Flag.ALSO_B)), len(first) * 10 + len(local.difference(seen))

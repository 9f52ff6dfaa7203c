from enum import Enum

class Flag(Enum):
    A = 0
    B = 40
    C = 90
    D = 127

DEFAULTS = [EnumSet(Flag.A, Flag.D), EnumSet(Flag), EnumSet(Flag.B, Flag.C)]

@node
def set_containers(flags: Signal[EnumSet[Flag]], i: Signal[int]) -> Annotated[Outputs, {
    "picked": EnumSet[Flag], "n": int, "best": EnumSet[Flag],
}]:
    history: State[list[EnumSet[Flag]]] = []
    history.append(flags)
    pairs = ((flags, 1), (DEFAULTS[2], 2))
    n = 0
    for kept in history:
        if kept == flags:
            n += 1
        for member in kept:
            n += 10 * member.value
    if flags in DEFAULTS:
        n += 10000
    best = DEFAULTS[i]
    for kept, weight in pairs:
        best = best | kept if weight == i else best
    picked = flags if flags else DEFAULTS[i - 1]
    return picked, n + len(history) * 100000, best

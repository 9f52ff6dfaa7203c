from enum import Enum

class Flag(Enum):
    A = 0
    B = 1
    C = 2

@node
def set_strange_members(flags: Signal[EnumSet[Flag]], flag: Signal[Flag]) -> Annotated[Outputs, {
    "held": EnumSet[Flag], "n": int,
}]:
    own = flags.copy()
    n = 100 if flag in own else 200
    own.discard(flag)
    n += len(own)
    total = 0
    for member in flags:
        total = total * 10 + member.value
        if member is flag:
            n += 1000
    try:
        own.add(flag)
    except ValueError:
        n = -n
    if n < -1200:
        own.add(flag)
    return own, n * 100 + total

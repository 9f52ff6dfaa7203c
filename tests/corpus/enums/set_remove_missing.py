from enum import Enum

class Flag(Enum):
    A = 0
    B = 1

@node
def set_remove_missing(flags: Signal[EnumSet[Flag]], flag: Signal[Flag]) -> Signal[int]:
    caught: State[int] = 0
    own: State[EnumSet[Flag]] = EnumSet(Flag.A)
    own = flags
    try:
        own.remove(Flag.A)
    except KeyError:
        caught += 1
    own.remove(flag)
    return len(own) * 10 + caught

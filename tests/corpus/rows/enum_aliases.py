from enum import Enum, IntEnum

class Side(Enum):
    BUY = 1
    SELL = 2
    LONG = 1
    ALSO = LONG

class Level(IntEnum):
    LOW = 3
    HIGH = 7
    BOTTOM = LOW


@node
def enum_aliases(x: Signal[int]) -> Signal[int]:
    s = Side["LONG"]
    if x > 2:
        s = Side["ALSO"]
    if x > 5:
        s = Side["SELL"]
    return s.value * 10 + (s is Side.BUY) + len(s.name) + Level["BOTTOM"] + len(Side) + len(Level)

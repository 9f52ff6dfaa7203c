from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = 2
    ALIAS = 1


@node
def row_enum_alias(x: Signal[int]) -> Signal[int]:
    s = Side["ALIAS"]
    if x > 2:
        s = Side["SELL"]
    if x > 5:
        s = Side.ALIAS
    return s.value * 10 + (s is Side.BUY) + len(s.name)

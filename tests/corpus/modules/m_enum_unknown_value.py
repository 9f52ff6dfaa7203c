from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1

@numba_node
def m_enum_unknown_value(n: Signal[int]) -> Signal[Side]:
    return Side(n)

from enum import Enum, auto
import enum

class Side(Enum):
    """Of an order."""
    BUY = 1
    SELL = -1
    SHORT = -1

    def opposite(self):
        return self

@enum.unique
class Kind(enum.Enum):
    LIMIT = auto()
    MARKET = auto()
    _ignored = 7
    STOP = 10
    PEG = auto()

BEST = Side.BUY

def sign(side, kind=Kind.LIMIT):
    if kind is Kind.MARKET:
        return 10 * side.value
    return side.value

@numba_node
def m_enum(side: Signal[Side], x: Signal[int]) -> Annotated[Outputs, {"n": int, "s": Side, "b": bool}]:
    other = Side.SELL if side == BEST else Side.BUY
    n = sign(side) * 1000 + sign(other, Kind.MARKET) + Kind.PEG.value + len(Side.BUY.name) + len(Side.SHORT.name)
    if Side.SHORT is other and Kind.STOP.name == "STOP":
        n += 100000
    kind = Kind.LIMIT
    for i in range(x):
        kind = Kind.STOP
    if kind != Kind.LIMIT:
        n += 7
    if side:
        n += 1
    return n, other, side is Side.BUY

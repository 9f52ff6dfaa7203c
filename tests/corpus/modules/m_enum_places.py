from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1
    HOLD = 0

CLOSING = (Side.SELL, Side.HOLD)

def opposite(side):
    match side:
        case Side.BUY:
            return Side.SELL
        case Side.SELL:
            return Side.BUY
        case _:
            return side

def maybe(side, n):
    if n > 2:
        return side
    return None

@numba_node
def m_enum_places(side: Signal[Side], n: Signal[int]) -> Annotated[Outputs, {"a": Side, "b": int, "c": Side}]:
    last: State[Side] = Side.HOLD
    pair = (side, opposite(side))
    code = 0
    if side in CLOSING:
        code += 1
    if pair == (Side.BUY, Side.SELL):
        code += 10
    if pair[n % 2] is Side.BUY:
        code += 100
    chosen = maybe(side, n)
    if chosen is None:
        code += 1000
    elif chosen is Side.SELL:
        code += 2000
    if side is not None and chosen != Side.HOLD:
        code += 10000
    match pair:
        case (Side.HOLD, _):
            code += 100000
        case (Side.BUY | Side.SELL as first, second):
            code += 200000 + first.value * 7 + second.value
    first, second = pair
    previous = last
    last = second if n > 3 else first
    return previous, code, maybe(last, n) or Side.HOLD

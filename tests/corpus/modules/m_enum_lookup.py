from enum import Enum, IntEnum

class Side(Enum):
    BUY = 1
    SELL = -1
    SHORT = -1
    HOLD = 7

class Level(IntEnum):
    LOW = 2
    HIGH = 9

def side_of(n):
    try:
        return Side(n)
    except ValueError:
        return None

@numba_node
def m_enum_lookup(n: Signal[int], side: Signal[Side]) -> Annotated[Outputs, {"found": Side, "text": int, "all": int}]:
    found = side_of(n)
    text = len(side.name) * 10
    if side.name == "BUY" or side.name > "R":
        text += 1
    if Level(9).name == "HIGH" and Side["SELL"].name == "SELL" and Side(True) is Side.BUY:
        text += 1000
    everything = 0
    for place, member in enumerate(Side):
        everything = everything * 10 + member.value + place
        if member is side:
            everything += 100
    for member in reversed(Side):
        everything = everything * 2 + len(member.name)
    everything += len(Side) * 100000 + sum(Level) + max(Level)
    if side in Side and isinstance(side, Side) and not isinstance(n, Side):
        everything += 1000000
    if found is None:
        found = Side(side)
        text = -text
    return found, text, everything + Level(9 if n > 0 else 2)

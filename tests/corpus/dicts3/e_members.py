from enum import Enum, IntEnum

class Side(Enum):
    BUY = 1
    SELL = -1

class Level(IntEnum):
    LOW = 1
    HIGH = 10

@numba_node
def e_members(x: Signal[int]) -> Annotated[Outputs, {"size": int, "found": int, "total": int}]:
    seen: State[list[Side]] = []
    counts: State[dict[Side, int]] = {}
    side: State[dict[int, Side]] = {}
    levels: State[list[Level]] = [Level.HIGH]
    member = Side.BUY if x > 0 else Side.SELL
    seen.append(member)
    counts[member] = counts.get(member, 0) + 1
    side[x] = member
    levels.append(Level.LOW if x > 2 else Level.HIGH)
    total = 0
    for known, count in counts.items():
        total += known.value * count
    for entry in seen:
        if entry is Side.SELL:
            total += 100
    for level in levels:
        total += 1000 * level
    set_output("size", len(seen) + 10 * len(counts) + 100 * seen.count(Side.SELL))
    set_output("found", (1 if Side.SELL in counts else 0) + (2 if side.get(3, Side.SELL) == Side.BUY else 0))
    set_output("total", total)

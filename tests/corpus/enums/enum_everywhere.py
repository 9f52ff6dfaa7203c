from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1
    CROSS = 100

FIRST = Side.SELL
BOTH = [Side.BUY, Side.SELL]
NAMES = {Side.BUY: 10, Side.CROSS: 30}

@node
def enum_everywhere(side: Signal[Side]) -> Annotated[Outputs, {"last": Side, "n": int, "kept": Side}]:
    last: State[Side] = FIRST
    sides: State[list[Side]] = [Side.CROSS]
    counts: State[dict[Side, int]] = {}
    by_number: State[dict[int, Side]] = {}
    counts[side] = counts.get(side, 0) + 1
    by_number[counts[side]] = side
    sides.append(side)
    before = last
    last = side
    n = NAMES.get(side, -5) + 100 * len(sides) + 1000 * counts[side]
    for known in BOTH:
        n += 100000 if known is side else 0
    for known in counts:
        if known is before:
            n += 1000000
    return before, n, by_number[1]

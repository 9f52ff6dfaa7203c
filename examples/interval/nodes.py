"""Nodes on intervals."""

from cfunc_example_interval import UNIT_INTERVAL, Interval


@node
def span(lo: Signal[float], hi: Signal[float]) -> Annotated[Outputs, {"interval": Interval, "width": float}]:
    interval = Interval(lo, hi=hi)
    return interval, interval.width


@node
def from_zero(x: Signal[float]) -> Signal[Interval]:
    if x >= 0.0:
        reach = Interval(0, x)
    else:
        reach = Interval(x, 0)
    return reach


@node
def seen(x: Signal[float]) -> Annotated[Outputs, {"seen": Interval, "widened": bool}]:
    range_so_far: State[Interval] = Interval(0.0, 1.0)
    before = range_so_far
    if x not in range_so_far:
        range_so_far = Interval(min(range_so_far.lo, x), max(range_so_far.hi, x))
    return range_so_far, range_so_far != before


@node
def common(a: Signal[Interval], b: Signal[Interval]) -> Signal[Interval]:
    if a == b:
        return a
    return Interval(max(a.lo, b.lo), min(a.hi, b.hi))


@node
def inside(x: Signal[int], band: Interval) -> Annotated[Outputs, {"band": bool, "unit": bool}]:
    return x in band, x in UNIT_INTERVAL


@node
def halvings(start: Signal[Interval], x: float) -> Annotated[Outputs, {"last": Interval, "steps": int}]:
    current = start
    steps = 0
    while current.width > 0.125:
        middle = current.lo + current.width / 2.0
        if x <= middle:
            current = Interval(current.lo, middle)
        else:
            current = Interval(middle, current.hi)
        steps += 1
    return current, steps


@node
def recent(x: Signal[float]) -> Annotated[Outputs, {"merged": Interval, "count": int, "widest": float, "found": bool}]:
    """The intervals of the last ticks, as elements of a list."""
    held: State[list[Interval]] = []
    held.append(Interval(x, x + 1.0) if x > 0.0 else Interval(2.0 * x, x))
    if len(held) > 3:
        held.pop(0)
    widest = 0.0
    merged = held[0]
    for each in held:
        widest = max(widest, each.width)
        merged = Interval(min(merged.lo, each.lo), max(merged.hi, each.hi))
    copied = held[::-1]
    copied[0] = merged
    return copied[0], len(held), widest, x in held[-1]

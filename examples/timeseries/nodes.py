def newest(x: Ts[float], y: Ts[int]) -> Ts[float]:
    """The sum of what is there, where something ticked."""
    total = 0.0
    if x.ticked and x.valid:
        total += x.last
    if y.valid:
        total += y
    if not (x.ticked or y.ticked):
        return
    return total


def counted(x: Ts[float], y: Ts[float]) -> (Ts[int], Ts[int]):
    return x.count, y.count * 10 + (1 if y.valid else 0)


def untyped(x: Ts) -> Ts[float]:
    return x * 0.5


def best(b: Basket[Ts[float], "AAPL", "MSFT", "IBM"]) -> (Ts[float], Ts[int], Ts[int]):
    top = b["AAPL"].last
    at = 0
    ticks = 0
    for i in range(len(b)):
        if b[i].ticked:
            ticks += b[i].count
        if b[i].valid and b[i].last > top:
            top = b[i]
            at = i
    return top, at, ticks


def picked(b: Basket[Ts[float]], i: Ts[int]) -> Ts[float]:
    return b[i] - b["MSFT"]


def alarms(x: Ts[float], limit: float) -> Ts[int]:
    calls: State[int] = 0
    while calls < 3 and alarm(x > limit, calls):
        calls += 1
    level = 7 if alarm(x < 0.0, 100) or alarm(x > 10.0 * limit, 101) else 8
    if x.valid and not alarm(alarm(x == limit, 200), 201):
        level += 1
    return level


@alarms.stop
def _():
    alarm(calls > 2, 300)


def books(b: Basket[Ts[Book], "AAPL", "MSFT"], i: Ts[int]) -> (Ts[float], Ts[float], Ts[float], Ts[float]):
    return b[i].bid(0), b["AAPL"].price, b[1 - i].spread, b["MSFT"].level(1).size


def mixed(x: Ts[float], y: Signal[float]) -> Ts[float]:
    return x.last + y if y.ticked() else x.last

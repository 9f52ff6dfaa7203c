"""Mean and standard deviation of all prices so far, updated in one pass as Welford described."""

import math


@node
def statistics(price: Signal[float]) -> Annotated[Outputs, {"mean": float, "deviation": float}]:
    count: State[int] = 0
    mean: State[float] = 0.0
    squares: State[float] = 0.0
    count += 1
    delta = price - mean
    mean += delta / count
    squares += delta * (price - mean)
    set_output("mean", mean)
    if count > 1:
        set_output("deviation", math.sqrt(squares / (count - 1)))

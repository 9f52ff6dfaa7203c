"""Moving average convergence and divergence: two averages, their difference, and the average of that."""


@node
def macd(
    price: Signal[float], fast: int, slow: int, smoothing: int
) -> Annotated[Outputs, {"macd": float, "signal": float, "histogram": float}]:
    count: State[int] = 0
    fast_average: State[float] = 0.0
    slow_average: State[float] = 0.0
    signal: State[float] = 0.0
    count += 1
    if count == 1:
        fast_average = price
        slow_average = price
    else:
        fast_average += (price - fast_average) * 2.0 / (fast + 1)
        slow_average += (price - slow_average) * 2.0 / (slow + 1)
    if count < slow:
        return
    difference = fast_average - slow_average
    if count == slow:
        signal = difference
    else:
        signal += (difference - signal) * 2.0 / (smoothing + 1)
    return difference, signal, difference - signal

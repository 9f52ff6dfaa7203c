"""The exponential moving average of a price."""


@node
def ema(price: Signal[float], alpha: float) -> Signal[float]:
    average: State[float] = 0.0
    started: State[bool] = False
    if not started:
        average = price
        started = True
    else:
        average = alpha * price + (1.0 - alpha) * average
    return average

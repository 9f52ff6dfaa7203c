"""The relative strength index with Wilder's smoothing."""


@node
def rsi(price: Signal[float], length: int) -> Signal[float]:
    count: State[int] = 0
    previous: State[float] = 0.0
    gain: State[float] = 0.0
    loss: State[float] = 0.0
    change = price - previous
    previous = price
    count += 1
    if count == 1:
        return
    up = change if change > 0.0 else 0.0
    down = -change if change < 0.0 else 0.0
    if count <= length + 1:
        gain += up / length
        loss += down / length
        if count <= length:
            return
    else:
        gain = (gain * (length - 1) + up) / length
        loss = (loss * (length - 1) + down) / length
    if loss == 0.0:
        return 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)

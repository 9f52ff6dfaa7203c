# compile: scale


@node
def scale(x: Signal[float], factor: float) -> Signal[float]:  # error: [E0601] "`factor`" at "factor: float"
    return x * factor + missing  # error: [E0101] at "missing"

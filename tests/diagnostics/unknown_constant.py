# compile: scale facto=2.5 x=1


@node
def scale(x: Signal[float], factor: float = 1.0) -> Signal[float]:  # error: [E0603] "`facto`" at "scale" # error: [E0603] "`x`" at "x: Signal[float]"
    return x * factor

# compile: scael  # error: [E0006] "no function `scael`"


@node
def scale(x: Signal[float]) -> Signal[float]:
    return x * 2.0

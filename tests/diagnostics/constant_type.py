# compile: shift by=2.5


@node
def shift(x: Signal[int], by: int, n: int = 1.5) -> Signal[int]:  # error: [E0602] "bound" at "by: int" # error: [E0602] "default"
    return x + by + n

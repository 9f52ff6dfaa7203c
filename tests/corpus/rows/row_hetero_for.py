@node
def row_hetero_for(x: Signal[int]) -> Signal[float]:
    s = 0.0
    for v in (1, 2.5, True):
        s = s + v * x
    return s

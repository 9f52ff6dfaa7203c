@node
def row_unbound(x: Signal[int]) -> Signal[int]:
    if x > 2:
        y = 1
    return y

@node
def row_minmax_key(x: Signal[int]) -> Signal[int]:
    t = (x, 2, 3)
    return max(t) + min(t) + sorted([x, 2, 3])[0]

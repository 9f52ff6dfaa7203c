@node
def row_tuple_join(x: Signal[int]) -> Signal[float]:
    t = (1, 2)
    if x > 2:
        t = (x, 2.5)
    return t[0] + t[1] + (3 in t)

@node
def row_tuple_methods(x: Signal[int]) -> Signal[int]:
    t = (x, 2, 3, 2)
    return t.count(2) * 10 + t.index(3) + len(t * 2) + (t > (2, 2)) + (t >= (3, 2, 3, 2))

@node
def row_tuple_index(x: Signal[int]) -> Signal[int]:
    t = (10, 20, 30)
    return t[x]

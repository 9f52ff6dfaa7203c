@node
def row_in_list_literal(x: Signal[int]) -> Signal[int]:
    s = 0
    for v in [x, 5, 7]:
        s += v
    return s + (x in [1, 2, 3]) * 1000 + (x not in (1, 5)) * 100 + (x in range(2, 9, 3)) * 5000

@numba_node
def t_times_order(x: Signal[int]) -> Signal[int]:
    a = b = 1
    a, b = b + x, a
    b, a = (a, b)
    (a, b), c = divmod(a * 10 + b, 4), a
    a, a = 5, a
    return a * 100 + b * 10 + c

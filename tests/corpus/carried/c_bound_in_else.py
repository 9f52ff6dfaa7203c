@numba_node
def c_bound_in_else(n: Signal[int]) -> Signal[int]:
    for i in range(n):
        if i > 0:
            w = w + 1
        else:
            w = n * 10
    return w if n > 0 else -1

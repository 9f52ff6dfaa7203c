@numba_node
def o_return_values(x: Signal[int]) -> Signal[float]:
    if x == 0:
        v = None
        return v
    if x == 1:
        return x if x > 2 else None
    w = x * 0.5 if x == 2 else None
    return w

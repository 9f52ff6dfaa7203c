@numba_node
def w_walrus_unbound(x: Signal[int], y: Signal[int]) -> Signal[int]:
    if x > 1 and (k := y) > 0:
        return k
    if x > 5 or y > 5:
        return k * 10
    return k

@numba_node
def l_index_bounds(x: Signal[int]) -> Signal[int]:
    xs = [1, 2, 1, 2, 1]
    return xs.index(1, x) * 10 + xs.index(2, -3, 4)

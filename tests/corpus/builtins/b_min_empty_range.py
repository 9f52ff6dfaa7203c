@numba_node
def b_min_empty_range(x: Signal[int]) -> Signal[int]:
    return min(range(x)) + max(range(x, 3))

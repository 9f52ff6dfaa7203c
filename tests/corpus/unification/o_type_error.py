@numba_node
def o_type_error(x: Signal[int]) -> Signal[int]:
    n = None
    if x > 0:
        n = x
    return n + 1

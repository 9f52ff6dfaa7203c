@numba_node
def m_prod_beyond(a: Signal[int], b: Signal[int], s: Signal[int]) -> Signal[int]:
    return math.prod(range(a, b), start=s)

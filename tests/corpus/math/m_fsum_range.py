@numba_node
def m_fsum_range(a: Signal[int], b: Signal[int], c: Signal[int]) -> Signal[float]:
    return math.fsum(range(a, b, c))

@numba_node
def m_isqrt(n: Signal[int]) -> Signal[int]:
    return math.isqrt(n)

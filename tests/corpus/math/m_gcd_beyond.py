@numba_node
def m_gcd_beyond(a: Signal[int], b: Signal[int], c: Signal[int]) -> Signal[int]:
    return math.gcd(a, b, c)

@numba_node
def m_comb_large(n: Signal[int], k: Signal[int]) -> Signal[int]:
    return math.comb(n, k)

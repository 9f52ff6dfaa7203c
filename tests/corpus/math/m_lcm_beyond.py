@numba_node
def m_lcm_beyond(a: Signal[int], b: Signal[int], c: Signal[int]) -> Signal[int]:
    return math.lcm(a, b, c)

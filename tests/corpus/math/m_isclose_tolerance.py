@numba_node
def m_isclose_tolerance(a: Signal[float], t: Signal[float]) -> Signal[bool]:
    return math.isclose(a, 1.0, rel_tol=t)

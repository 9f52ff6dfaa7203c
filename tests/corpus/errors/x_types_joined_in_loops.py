@numba_node
def x_types_joined_in_loops(x: Signal[int]) -> Signal[float]:
    m = 1
    for c in range(3):
        for d in range(2):
            try:
                m += 1.5
                if x > d:
                    raise UnboundLocalError
            except Exception:
                m = m * 2
        m = m * 1.5 + 2.0
    return m

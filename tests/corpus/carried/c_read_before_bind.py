@numba_node
def c_read_before_bind(n: Signal[int]) -> Signal[int]:
    t = n + 0
    for i in range(3):
        if i > 0:
            t += w
        w = i + 1
    return t

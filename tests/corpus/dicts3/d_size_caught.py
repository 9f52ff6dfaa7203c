@numba_node
def d_size_caught(x: Signal[int]) -> Signal[int]:
    d: State[dict[int, int]] = {1: 1}
    t = 0
    try:
        for k, v in d.items():
            t += v
            d[x] = v + 1
    except RuntimeError:
        t += 1000
    return t + len(d)

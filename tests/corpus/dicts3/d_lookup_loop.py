@numba_node
def d_lookup_loop(k: Signal[int], x: Signal[float]) -> Signal[float]:
    d: State[NumbaDict] = create_new_dict(int, float)
    rounds: State[int] = 0
    d[k] = x
    s = 0.0
    for i in range(k):
        s += d.get(7, 0.25) * i
        rounds += 1
    return s + rounds

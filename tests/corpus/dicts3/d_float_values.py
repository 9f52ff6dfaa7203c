@numba_node
def d_float_values(x: Signal[int]) -> Signal[float]:
    d: State[NumbaDict] = create_new_dict(int, float)
    d[x] = x
    d[x] += 0.5
    t = d.get(x, 0) + d.get(99, 0)
    for v in d.values():
        t += v
    return t

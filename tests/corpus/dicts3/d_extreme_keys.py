@numba_node
def d_extreme_keys(x: Signal[int]) -> Signal[int]:
    d: State[NumbaDict] = create_new_dict(int, int)
    d[x] = d.get(x, 0) + 1
    t = 0
    for k in d:
        t = t * 3 + k % 1000
    if x == -1:
        del d[-1]
    return t * 10 + len(d)

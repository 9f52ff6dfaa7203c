@numba_node
def d_bool_keys(x: Signal[int]) -> Signal[int]:
    d: State[NumbaDict] = create_new_dict(bool, int)
    k = x > 2
    d[k] = d.get(k, 0) + x
    t = 0
    for b in d:
        t = t * 10 + b + 1
    return t * 1000 + d[k]

@numba_node
def d_get_none(x: Signal[int]) -> Signal[int]:
    d: State[NumbaDict] = create_new_dict(int, int)
    v = d.get(x)
    if v is None:
        d[x] = 1
        return -1
    d[x] = v + 1
    return v

@numba_node
def d_history(x: Signal[int]) -> Signal[int]:
    d: State[NumbaDict] = create_new_dict(int, int)
    d[x * 1000003] = x
    d[-x] = x * 2
    if len(d) > 12:
        n = 0
        first = 0
        for k in d:
            first = k
            n += 1
            if n > 2:
                break
        del d[first]
    if x % 5 == 0:
        v = d.pop(-x)
        d[-x] = v + 1
    t = 0
    for k, v in d.items():
        t = (t * 31 + k * 7 + v) % 1000003
    return t

@numba_node
def d_size_changed(x: Signal[int]) -> Signal[int]:
    d = {1: 1, 2: 2, 3: 3}
    t = 0
    for k in d:
        t = t * 10 + k
        if k == x:
            d[x + 10] = 1
        if x == 20 and k == 2:
            del d[1]
            d[1] = 5
        if x == 21 and k == 3:
            del d[3]
        if x == 22:
            d[k] = k * 2
    return t + sum(d.values())

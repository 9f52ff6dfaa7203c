@numba_node
def d_large(x: Signal[int]) -> Signal[int]:
    d = create_new_dict(int, int)
    for i in range(20000):
        k = (i * 7919 * x) % 1009
        d[k] = d.get(k, 0) + 1
        if i % 7 == 0 and k in d:
            del d[k]
    t = 0
    for k, v in d.items():
        t = (t * 31 + k * v) % 1000003
    return t

@numba_node
def d_constant_changed(x: Signal[int], ks: dict[int, int]) -> Signal[int]:
    alias = ks
    alias[x] = alias.get(x, 0) + 1
    del ks[2]
    t = 0
    for k, v in ks.items():
        t = (t * 31 + k * 7 + v) % 1000003
    return t

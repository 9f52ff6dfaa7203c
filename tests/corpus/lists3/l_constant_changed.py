@numba_node
def l_constant_changed(x: Signal[int], ks: NumbaList[int]) -> Signal[int]:
    t = len(ks)
    alias = ks
    if x > 0:
        ks.append(x)
        alias[0] = x
    if x > 5:
        alias.sort()
    for k in ks:
        t = t * 10 + k
    return t

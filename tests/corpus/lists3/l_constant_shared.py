@numba_node
def l_constant_shared(x: Signal[int], ks: NumbaList[int], fs: list[float]) -> Signal[float]:
    t = 0.0
    for k in ks:
        t += k * x
    if x in ks:
        t += 1000
    t += ks[x % len(ks)] + fs[-1] + ks.index(20) + ks.count(10) + sum(fs) + max(ks)
    for i, k in enumerate(ks):
        t += i * k
    if ks == [10, 20, 30]:
        t += 0.5
    for v in ks[1:]:
        t += v
    return t

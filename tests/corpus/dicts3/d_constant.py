@numba_node
def d_constant(x: Signal[int], ks: NumbaDict[int, float]) -> Signal[float]:
    t = 0.0
    if x in ks:
        t += ks[x]
    t += ks.get(x, -1.0)
    for k, v in ks.items():
        t += k * v
    return t + len(ks) + sum(ks.values())

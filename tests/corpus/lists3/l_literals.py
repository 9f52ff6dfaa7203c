@numba_node
def l_literals(x: Signal[int]) -> Signal[float]:
    a = [x, 2, True]
    b = [1, 2.5, x]
    c = [True, False, x > 2]
    e: list[int] = []
    e.append(x)
    e = []
    e.append(7)
    t = 0.0
    for v in a:
        t = t * 3 + v
    for w in b:
        t = t * 3 + w
    for z in c:
        t = t * 2 + z
    return t + len(e) + e[0]

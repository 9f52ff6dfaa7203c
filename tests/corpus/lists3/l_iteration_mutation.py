@numba_node
def l_iteration_mutation(x: Signal[int]) -> Signal[int]:
    xs = [1, 2, 3, 4, 5, 6]
    t = 0
    for v in xs:
        t = t * 10 + v
        if v % 2 == 0 and len(xs) > x:
            xs.remove(v)
        if v == 3 and x > 3:
            xs.append(9)
    for v in reversed(xs):
        t = (t * 7 + v) % 1000003
        if v == x:
            xs.pop()
    for v in xs:
        t = (t * 7 + v) % 1000003
        xs = [8]
    return t + len(xs)

@numba_node
def t_truth_len(x: Signal[int]) -> Signal[int]:
    t = (x, 1)
    e = ()
    n = 0
    if t:
        n += 1
    if e:
        n += 10
    if not e and len(t) == 2:
        n += 100
    r = (x, x) if x > 3 else t or (7, 7)
    for i in range(len(t)):
        n += t[i] * (i + 1)
    return n * 1000 + t[len(t) - 1] + r[0]

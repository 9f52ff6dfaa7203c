@numba_node
def t_slices(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int, "e": int}]:
    t = (x, x + 1, 2, 3, 4)
    a = t[1:3]
    b = t[::-1]
    c = t[-2:]
    d = t[:1] + (x, 9) + t[4:]
    n = 1
    e = t[5:]
    f = t[::2]
    return a[0] * 10 + a[1], b[0] * 1000 + b[3], sum(c) + len(e), sum(d) * len(d), sum(f) + len(t[10:20]) + len(t[1:-1:2])

@numba_node
def t_compare(x: Signal[int], f: Signal[float]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int}]:
    t = (x, f)
    u = (2, 2.0)
    a = (t == u) + (t != u) * 2 + (t < u) * 4 + (t <= u) * 8 + (t > u) * 16 + (t >= u) * 32
    b = ((x, 1) < (x, 1, 0)) + ((x, 1, 0) < (x, 1)) * 2 + ((x, 2) < (x, 1, 9)) * 4 + ((x,) == (x, x)) * 8 + ((x,) != (x, x)) * 16
    c = ((x, (f, 1)) < (x, (f + 1, 0))) + (((x, f), 3) == ((f, x), 3)) * 2 + ((1, 2) < t <= u) * 4
    d = (() == ()) + (() < (x,)) * 2 + ((x, True) == (x, 1)) * 4 + ((x, f) > (f, x)) * 8
    return a, b, c, d

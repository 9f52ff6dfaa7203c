@numba_node
def t_contains(x: Signal[int], f: Signal[float]) -> Annotated[Outputs, {"a": int, "b": int, "c": int}]:
    t = (1, 2, x * 3, x)
    a = (x in t) + (x not in (1, 3)) * 2 + (f in (1.5, 2, 3)) * 4 + (x in ()) * 8
    b = t.count(x) * 10 + (t.count(True) + (2, x, 2).count(2))
    c = t.index(x) * 10 + (0, x, 3, x).index(x) + ((x, f) in ((3, 3.0), (0, 1))) * 100
    return a, b, c

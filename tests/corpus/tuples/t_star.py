@numba_node
def t_star(x: Signal[int], y: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int}]:
    t = (x, y, 3, 4)
    a, *b = t
    *c, d = t
    e, *f, g = (1, x)
    h, (i, *j), k = 1, (2, x, y), 3
    u = (*b, *c, 7)
    return a + len(b) + b[0] + c[1] + d, e + len(f) + g + i + j[1] + k, max(*b) + min(*t[2:], x) + u[0] + len(u) + pow(*(2, 5))

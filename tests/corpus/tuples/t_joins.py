@numba_node
def t_joins(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": int}]:
    t = (x, 2)
    if x > 1:
        t = (0.5, x)
    u = (1, (2, x > 0))
    n = 0
    while n < x:
        u = (n * 0.5, (u[0], u[1][1]))
        n += 1
    v = (1, 2) if x == 1 else (x, x * 2)
    w = (x > 1 and x) or 7
    return t[0] + t[1], u[0] + u[1][0] + u[1][1], v[0] * 10 + v[1] + w

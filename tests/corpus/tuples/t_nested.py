@numba_node
def t_nested(x: Signal[int], y: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int}]:
    t = ((x, y), (x + y, (x - y, 7)))
    (a, b), (c, (d, e)) = t
    p = q = (a, c)
    (m, n), k = p, q[1]
    [u, v] = t[1]
    w, z = v
    return a + 10 * b, c * d + e, m * n + k, t[1][1][0] + u + w + z + t[-1][-1][-1]

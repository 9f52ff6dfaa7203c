@numba_node
def t_zip_reversed(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int}]:
    a = 0
    for p, q, r in zip((1, 2, 3), (x, x + 1, 4), range(5, 100)):
        a = a * 7 + p * q + r
    b = 0
    for v in reversed((x, 1, 2, 3, 4, 5)):
        b = b * 10 + v
    c = 0
    for v in reversed(range(x)):
        c = c * 10 + v
    for v in reversed(range(10, x, -3)):
        c = c * 10 + v
    d = 0
    for p, q in zip(reversed((1, 2)), reversed(range(3, 3 + x))):
        d = d * 100 + p * q
    return a, b, c, d

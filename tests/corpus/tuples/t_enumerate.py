@numba_node
def t_enumerate(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int}]:
    a = 0
    for i, v in enumerate((x, 5, 7)):
        a += i * v
    b = 0
    for i, v in enumerate(range(x, x + 6, 2), start=3):
        b = b * 10 + i * v
    c = 0
    for i, (p, q) in enumerate(zip((1, 2, 3), range(x)), 1):
        c += i * p * 10 + q
    d = 0
    for t in enumerate((x, 9)):
        d = d * 100 + t[0] + t[1]
    return a, b, c, d

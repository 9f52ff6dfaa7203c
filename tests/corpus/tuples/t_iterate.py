@numba_node
def t_iterate(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": float, "c": int}]:
    a = 0
    for v in (x, 2, 3):
        a = a * 10 + v
    b = 0.0
    for v in (x, 0.5, True, 2, 3.5, x * 2):
        b = b * 2 + v
    c = 0
    for p, q in ((1, x), (2, 5), (x, x)):
        if q == 5:
            continue
        c = c * 100 + p * q
    else:
        c += 1
    for e in ():
        c += 1000
    for w in (1, 2, 3):
        if w == x:
            break
    return a, b, c * 10 + w

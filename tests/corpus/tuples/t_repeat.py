@numba_node
def t_repeat(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int}]:
    t = (x, 1) * 3
    u = 2 * (x,)
    v = (x, 2) * 0
    w = t * True
    t += (5,)
    return sum(t), sum(u) * 10 + len(u), len(v) * 100 + len(w) + len(() * 7)

@numba_node
def o_in_tuples(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int}]:
    t = (x, None)
    if x > 1:
        t = (1, x * 10)
    a, b = t
    u = (a, b) if x != 3 else None
    if u is not None:
        c, d = u
        if d is None:
            return c, d
        return d, c
    return b or None, None

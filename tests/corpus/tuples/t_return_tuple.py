@numba_node
def t_return_tuple(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": float, "c": bool}]:
    t = (x, x * 0.5, x > 0)
    if x == 1:
        return t[::-1][2], None, t[2]
    if x == 2:
        return (t if x > 5 else None)
    return t

@numba_node
def t_divmod(x: Signal[int], y: Signal[int]) -> Annotated[Outputs, {"q": int, "r": int, "f": float, "n": int}]:
    t = divmod(x, y)
    f = divmod(x * 0.5, y)
    b = divmod(x > 0, 2)
    return t[0], t[1], f[0] * 100 + f[1], t[0] * y + t[1] + sum(b)

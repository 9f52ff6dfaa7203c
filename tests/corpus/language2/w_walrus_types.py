@numba_node
def w_walrus_types(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": int}]:
    y = 1
    a = x > 1 and (y := 2.5) > 2
    b = y + 0
    k = (y := x) if x > 2 else (y := x * 0.5)
    h = 0 < x < (g := x * 2) < (h := g + 1) <= 9
    g = -1 if x <= 0 else g
    return b + y + k, a or (y := 7), g * 10 + h

@numba_node
def w_in_chains(x: Signal[int]) -> Annotated[Outputs, {"a": bool, "b": bool, "c": bool, "d": int}]:
    a = 0 <= x in (1, 5, 7) != (5, 7)
    b = x in range(1, 10, 4) and x not in range(5)
    c = x in (y := (x, 1)) in (((x, 1)), (1, 2))
    return a, b, c, y[0] + (x - 1 in range(-5, 5, 2)) * 10 + (x in range(9, 0, -4)) * 100

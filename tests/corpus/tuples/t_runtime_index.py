@numba_node
def t_runtime_index(x: Signal[int], i: Signal[int]) -> Annotated[Outputs, {"a": int, "b": float, "c": int}]:
    t = (x, x * 2, x + 7)
    u = (x * 1, x * 0.5, x > 1)
    big = (1, 1, 2, 3, 5, 8, x, 21)
    return t[i], u[i] + 1, big[i - 1] + big[-1]

@numba_node
def b_sum_any_all(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": int, "c": int, "d": int}]:
    a = sum((x, 0.5, True)) + sum((1, 2), x) + sum((0.1, 0.2, 0.3)) + sum((), 2.5)
    b = any((x, 0)) + all((x, 1)) * 2 + any(()) * 4 + all(()) * 8 + any((0.0, x > 3)) * 16
    c = sum(range(x)) + sum(range(10, x, -3)) * 10 + sum(range(0, 10, 3), 100)
    d = any(range(x)) + all(range(x)) * 2 + any(range(0, x, 4)) * 4 + all(range(1, 9, 2)) * 8 + all(range(-4, 5, 4)) * 16
    return a, b, c, d

@numba_node
def b_min_max_iterables(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": int, "c": int, "d": int}]:
    a = min((x, 2.5)) + max((x, 1, 2)) + min((7,)) + max((x > 1, False))
    b = min(range(3, x + 9, 2)) + max(range(x, x + 10, 3)) * 10 + max(range(9, x, -5)) * 100
    c = min(reversed((3, x, 2))) + max(zip((1, 2, 2), (x, 3, 4)))[1] * 10
    d = sum(reversed(range(x))) + any(reversed((0, x))) * 10 + all(reversed((x, 1))) * 100
    p, q = min(((2, x), (1, 5), (1, x)))
    return a, b, c, d + p * 1000 + q

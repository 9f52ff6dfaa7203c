def kind(value):
    if isinstance(value, bool | None):
        return 1
    if isinstance(value, int | float):
        return 2
    return 3

@numba_node
def t_isinstance_union(x: Signal[int], y: Signal[float]) -> Signal[int]:
    maybe = x if x > 0 else None
    n = kind(x) + 10 * kind(y) + 100 * kind(x > 0) + 1000 * kind((x, y)) + 10000 * kind(None)
    if isinstance(maybe, int | float):
        n += 100000
    return n

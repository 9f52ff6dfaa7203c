@numba_node
def o_joins(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": float, "c": int}]:
    best = None
    for i in range(x):
        if best is None or i * 3 % 4 > best:
            best = i * 3 % 4
    v = None if x == 0 else x * 0.5
    w = v
    if w is None:
        w = -1
    n = 0
    if best is not None and best > 1:
        n = best
    if best:
        n += 100
    if v is None:
        n += 1000
    return n, w, best

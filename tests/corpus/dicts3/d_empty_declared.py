@numba_node
def d_empty_declared(x: Signal[int]) -> Signal[int]:
    d: dict[int, int] = {}
    if x > 0:
        d = {}
    d[x] = x
    s: State[dict[int, int]] = {}
    s.update(d)
    if x == 5:
        s = {}
    return len(d) * 10 + len(s) + (d == {})

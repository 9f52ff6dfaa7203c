@numba_node
def l_slices(a: Signal[int], b: Signal[int], c: Signal[int]) -> Signal[int]:
    xs = [0, 1, 2, 3, 4, 5, 6, 7]
    t = 0
    for v in xs[a:b:c]:
        t = t * 10 + v + 1
    for v in xs[a:]:
        t = (t * 7 + v) % 1000003
    for v in xs[:b]:
        t = (t * 7 + v) % 1000003
    for v in xs[::c]:
        t = (t * 7 + v) % 1000003
    del xs[a:b:c]
    for v in xs:
        t = (t * 11 + v) % 1000003
    return t

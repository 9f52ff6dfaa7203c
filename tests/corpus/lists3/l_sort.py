@numba_node
def l_sort(x: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    xs.append(x)
    ys = xs.copy()
    ys.sort()
    zs = sorted(xs, reverse=True)
    fs: list[float] = []
    for v in xs:
        fs.append(v * 0.5)
    fs.sort(reverse=True)
    t = 0
    for i in range(len(ys)):
        t = (t * 31 + ys[i] * 3 + zs[i] * 5 + int(fs[i] * 2)) % 1000003
    return t

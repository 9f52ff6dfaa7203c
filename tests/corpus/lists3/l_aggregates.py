@numba_node
def l_aggregates(x: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    xs.append(x)
    t = sum(xs) * 1000 + min(xs) * 100 + max(xs)
    if any(xs):
        t += 1
    if all(xs):
        t += 2
    for i, v in enumerate(xs, 1):
        t = (t * 31 + i * v) % 1000003
    for v, w in zip(xs, xs[1:]):
        t = (t * 31 + v * w) % 1000003
    return t + sum(xs, 5)

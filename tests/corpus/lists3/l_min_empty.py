@numba_node
def l_min_empty(x: Signal[int]) -> Signal[int]:
    xs: list[int] = []
    for i in range(x):
        xs.append(i * i - 3)
    return max(xs) * 100 + min(xs) + sum(xs)

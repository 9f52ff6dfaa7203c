@numba_node
def l_window(x: Signal[int], n: int) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    xs.append(x)
    if len(xs) > n:
        xs.pop(0)
    return sum(xs) * 100 + xs[0]

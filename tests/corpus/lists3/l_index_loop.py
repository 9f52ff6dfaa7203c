@numba_node
def l_index_loop(x: Signal[float]) -> Signal[float]:
    xs: State[NumbaList] = create_new_list(float)
    total: State[float] = 0.0
    xs.append(x)
    s = 0.0
    for i in range(len(xs)):
        s += xs[i]
        total += s
    return s - total

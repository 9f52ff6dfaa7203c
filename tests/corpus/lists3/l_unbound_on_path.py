@numba_node
def l_unbound_on_path(x: Signal[int]) -> Signal[int]:
    if x > 0:
        ys = [x]
    ys.append(1)
    return len(ys) + ys[0]

@numba_node
def l_of_bools_floats(x: Signal[float]) -> Signal[float]:
    bs: State[NumbaList] = create_new_list(bool)
    fs: State[NumbaList] = create_new_list(float)
    bs.append(x > 0)
    fs.append(x)
    fs.append(3)
    t = 0.0
    for b in bs:
        t = t * 2 + b
    if bs[-1]:
        bs[0] = not bs[0]
    if True in bs:
        t += 100
    return t + sum(fs) + fs.count(3.0)

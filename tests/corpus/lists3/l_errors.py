@numba_node
def l_errors(x: Signal[int], y: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    xs.append(x)
    if x == 1:
        xs[y] = 5
    if x == 2:
        return xs[y]
    if x == 3:
        return xs.pop(y)
    if x == 4:
        del xs[y]
    if x == 5:
        xs.remove(y)
    if x == 6:
        return xs.index(y)
    if x == 7:
        xs.clear()
        return xs.pop()
    return len(xs)

@numba_node
def d_errors(x: Signal[int], y: Signal[int]) -> Signal[int]:
    d: State[NumbaDict] = create_new_dict(int, int)
    d[x] = y
    if x == 1:
        return d[y]
    if x == 2:
        del d[y]
    if x == 3:
        return d.pop(y)
    if x == 4:
        d[y] += 1
    if x == 5:
        d.clear()
        k, v = d.popitem()
        return k + v
    return len(d)

@numba_node
def l_error_caught(x: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    t = 0
    try:
        ys = [1, 2, x]
        zs = ys
        t = zs[x]
        xs.append(t)
    except IndexError:
        t = -1
    try:
        t += xs.pop(x)
    except IndexError as e:
        t -= 100
    finally:
        xs.append(x)
    return t * 100 + len(xs)

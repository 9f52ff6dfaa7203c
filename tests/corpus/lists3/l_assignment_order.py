@numba_node
def l_assignment_order(x: Signal[int]) -> Signal[int]:
    xs = [1, 2, 3]
    d = {1: 5}
    try:
        xs[10] = d[x]
    except KeyError:
        return 1
    except IndexError:
        return 2
    return 3

@numba_node
def l_steps_that_wrap(x: Signal[int], y: Signal[int]) -> Signal[int]:
    xs = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    hits = 0
    j = 0
    try:
        while j < y:
            if j < 10:
                xs[j] += 1
                hits += 1
            j += x
    except IndexError:
        return -hits
    return hits + sum(xs[::3]) * 100

@numba_node
def l_rebound_in_loop(x: Signal[int]) -> Signal[int]:
    t = 0
    for i in range(3000):
        ys = [i, x, i * 2]
        zs = ys[1:]
        zs.append(i)
        t = (t * 3 + sum(zs)) % 1000003
        if i == x:
            break
    return t

@numba_node
def l_large(x: Signal[int]) -> Signal[int]:
    xs = create_new_list(int)
    for i in range(5000):
        xs.append(i * x)
        if i % 3 == 0:
            xs.pop(0)
        if i % 500 == 0:
            xs.insert(1, i)
    xs.sort()
    return xs[0] + xs[-1] * 7 + len(xs) * 1000003

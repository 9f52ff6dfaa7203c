@numba_node
def c_widens_late(n: Signal[int]) -> Signal[int]:
    x = 1
    for i in range(n):
        for j in range(2):
            x = x / 2 if j else x * 3
    return x * 16

@numba_node
def o_changes(x: Signal[int]) -> Signal[float]:
    y = x
    y = y * 0.5
    y = (y, x)
    y = y[0] + y[1]
    z = x > 1
    for i in range(3):
        z = z + i
        if z > 4:
            z = z / 2
    s = 'a' if x > 1 else 'b'
    return y + z + (10 if s == 'a' else 20)

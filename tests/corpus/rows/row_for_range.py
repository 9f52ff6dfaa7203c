@node
def row_for_range(x: Signal[int]) -> Signal[int]:
    s = 0
    for i in range(x):
        for j in range(i, 10, 2):
            if j > 7:
                break
            s += j
        else:
            s += 100
    for k in range(10, x, -3):
        s -= k
    else:
        s += 7
    return s

@node
def row_range_zero_step(x: Signal[int]) -> Signal[int]:
    s = 0
    for i in range(1, 10, x):
        s += i
    return s

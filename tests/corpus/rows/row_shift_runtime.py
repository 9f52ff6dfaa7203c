@node
def row_shift_runtime(x: Signal[int]) -> Signal[int]:
    return (1 << x) + (100 >> x)

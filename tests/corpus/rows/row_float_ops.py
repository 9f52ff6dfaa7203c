@node
def row_float_ops(y: Signal[float]) -> Signal[float]:
    return (y // 2.0) + (y % 1.5)

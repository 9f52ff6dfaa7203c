@node
def row_cond_expr(x: Signal[int]) -> Signal[float]:
    y = 7 if x > 2 else 7.0
    return y // 2 + (x and 5.5) + (x or 2.5)

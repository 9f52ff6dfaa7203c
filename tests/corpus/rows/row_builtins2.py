@node
def row_builtins2(x: Signal[int]) -> Signal[float]:
    return float(x) + float('inf') * 0 if x > 100 else float(x) / 2 + round(x / 7, 2) + sum((1.5, x)) + min((x, 2.5)) + max((x, 1))

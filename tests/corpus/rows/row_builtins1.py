@node
def row_builtins1(x: Signal[int]) -> Signal[int]:
    a, b = divmod(x, 3)
    return abs(x) + min(x, 2) * 10 + max(x, 2, 4) * 100 + int(2.7) + int(True) + round(2.5) + round(x, 1) + round(x, -1) + pow(x, 2) + a + b + len(range(x)) + ord('a')

@node
def x_python_integers(op: Signal[int], x: Signal[int], y: Signal[int]) -> Signal[float]:
    if op == 0:
        return x // y
    if op == 1:
        return x % y
    if op == 2:
        return x / y
    if op == 3:
        return x ** y
    if op == 4:
        return x << y
    if op == 5:
        return x >> y
    if op == 6:
        x //= y
        return x
    if op == 7:
        return 1.5 ** y
    if op == 8:
        return x % 0
    return x // 4

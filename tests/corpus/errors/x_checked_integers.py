@node
def x_checked_integers(op: Signal[int], x: Signal[int], y: Signal[int]) -> Signal[int]:
    if op == 0:
        return x + y
    if op == 1:
        return x - y
    if op == 2:
        return x * y
    if op == 3:
        return x ** y
    if op == 4:
        return x << y
    if op == 5:
        return x // y
    if op == 6:
        return -x
    if op == 7:
        return abs(x)
    if op == 8:
        x += y
        return x
    if op == 9:
        return x ** 2
    if op == 10:
        return x // -1
    if op == 11:
        return pow(x, y)
    if op == 12:
        return x ** 3
    return round(x, y)

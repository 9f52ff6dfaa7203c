@numba_node
def t_division_by_zero(k: Signal[int], a: Signal[timedelta], b: Signal[timedelta], n: Signal[int], x: Signal[float]) -> Signal[timedelta]:
    if k == 0:
        return a * (a // b)
    if k == 1:
        return a % b
    if k == 2:
        return timedelta(seconds=a / b)
    if k == 3:
        return a // n
    if k == 4:
        return a / n
    return a / x

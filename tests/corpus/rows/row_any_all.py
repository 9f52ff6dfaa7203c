@node
def row_any_all(x: Signal[int]) -> Signal[int]:
    t = (x > 0, x > 2)
    return any(t) + all(t) * 2 + any((x, 0)) * 4 + all((x, 1)) * 8 + sum(range(x)) + sum((x, 1), 5) + max(range(x + 4)) + min(range(1, 9))

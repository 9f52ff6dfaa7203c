@node
def x_division_python(x: Signal[int], y: Signal[int]) -> Signal[float]:
    total = 0.0
    try:
        total += x // y
        total += x / y
        total += x % y
    except ZeroDivisionError:
        total = -1.0
    finally:
        total += 0.5
    return total

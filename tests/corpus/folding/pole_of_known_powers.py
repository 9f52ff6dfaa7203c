@node
def pole_of_known_powers(x: Signal[float]) -> Signal[float]:
    kept = 0.0
    try:
        kept = x ** -3
    except ZeroDivisionError:
        kept = 5.0
    return kept + x ** -2.0

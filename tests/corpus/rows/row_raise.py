@node
def row_raise(x: Signal[int]) -> Signal[int]:
    if x == 1:
        raise ValueError
    if x == 2:
        raise KeyError("m")
    try:
        if x == 3:
            raise IndexError("a")
        if x == 5:
            raise ZeroDivisionError
    except LookupError:
        return 33
    except (ArithmeticError, TypeError):
        return 55
    else:
        x += 1000
    finally:
        x += 1
    return x

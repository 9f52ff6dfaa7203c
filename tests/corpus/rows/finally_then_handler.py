@node
def finally_then_handler(x: Signal[int]) -> Signal[int]:
    try:
        try:
            if x > 2:
                raise KeyError
            c = 1.5
        finally:
            c = x
    except LookupError:
        return c * 10
    return c

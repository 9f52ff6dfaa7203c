@node
def x_bound_in_try(x: Signal[int]) -> Signal[int]:
    try:
        a = x + 1
        assert x != 1
        b = x + 2
        assert x != 2
    except AssertionError:
        if x == 1:
            return a * 10 + b
        return a * 100 + b
    return a + b

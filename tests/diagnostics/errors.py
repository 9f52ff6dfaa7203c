@node
def raised(x: Signal[int]) -> Signal[int]:
    if x == 1:
        raise x  # error: [E0302] "no class of exceptions"
    if x == 2:
        raise ValueError(x)  # error: [E0401] "computed at run time"
    if x == 3:
        raise ValueError("a", text="b")  # error: [E0304] "takes no keyword arguments"
    if x == 4:
        raise math.pi  # error: [E0302] "no class of exceptions"
    assert x > 0, x  # error: [E0401] "computed at run time"
    return x


@node
def stopped(x: Signal[int]) -> Signal[int]:
    total = 0
    try:
        total = x + 1
    except int:  # error: [E0302] "no class of exceptions"
        total = 1
    except ValueError as e:
        total = e + 1  # error: [E0307] "can only raise again"
    try:
        total = x + 2
    finally:
        raise  # error: [E0401] "`raise` alone in a `finally`"
    return total


@node
def two_types(x: Signal[int]) -> Signal[int]:
    value = x
    try:
        assert x > 0
        value = "late"
        assert x > 1
    except AssertionError:
        return value  # error: [E0303] "`value` is of type"
    return x

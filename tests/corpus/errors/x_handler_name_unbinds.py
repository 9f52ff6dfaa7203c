@node
def x_handler_name_unbinds(x: Signal[int]) -> Signal[int]:
    e = x
    try:
        assert x > 0
    except AssertionError as e:
        pass
    return e

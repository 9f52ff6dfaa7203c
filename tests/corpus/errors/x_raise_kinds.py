@node
def x_raise_kinds(x: Signal[int]) -> Signal[int]:
    if x == 1:
        raise ValueError
    if x == 2:
        raise KeyError("missing")
    if x == 3:
        raise RuntimeError()
    if x == 4:
        raise NotImplementedError("later") from None
    if x == 5:
        raise IOError("disk")
    assert x != 6
    assert x != 7, "seven"
    if x == 8:
        raise Exception("anything")
    if x == 9:
        raise
    return x

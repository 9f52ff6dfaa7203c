@node
def row_assert(x: Signal[int]) -> Signal[int]:
    assert x > 0
    assert x > 1, 'too small'
    return x

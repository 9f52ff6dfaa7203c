@node
def row_fstr_none(x: Signal[int]) -> Signal[int]:
    y = x > 0 and x < 5
    z = x > 3 or x
    return y + z * 2

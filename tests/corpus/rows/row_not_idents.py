@node
def row_not_idents(x: Signal[int]) -> Signal[bool]:
    return not x

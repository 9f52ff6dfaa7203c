@node
def row_is_none(x: Signal[int]) -> Signal[int]:
    if x is None:
        return 0
    if x is not None:
        return x

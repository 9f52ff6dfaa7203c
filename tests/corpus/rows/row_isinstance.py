@node
def row_isinstance(x: Signal[int]) -> Signal[int]:
    n = None
    if x > 2:
        n = x
    if isinstance(n, int):
        return n
    return -1

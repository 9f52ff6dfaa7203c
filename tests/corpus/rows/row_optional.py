@node
def row_optional(x: Signal[int]) -> Signal[int]:
    n = None
    if x > 2:
        n = x
    if n is None:
        return
    return n + 0

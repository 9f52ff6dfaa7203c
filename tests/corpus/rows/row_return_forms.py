@node
def row_return_forms(x: Signal[int]) -> Signal[int]:
    if x == 0:
        return None
    if x == 1:
        return
    if x == 2:
        return x if x > 2 else None
    return x if x > 2 else None

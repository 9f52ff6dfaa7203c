@node
def row_global(x: Signal[int]) -> Signal[int]:
    global q
    q = x + 1
    return q

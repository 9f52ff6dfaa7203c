@node
def row_chain(x: Signal[int]) -> Signal[int]:
    return (0 < x < 5) + (1 < x <= 3 != 2) * 2 + (x == x == 3) * 4

@node
def row_shifts(x: Signal[int]) -> Signal[int]:
    return (x << 3) + (x >> 1) + (x & 6) + (x | 8) + (x ^ 5) + ~x

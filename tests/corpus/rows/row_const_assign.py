@node
def row_const_assign(x: Signal[int], k: int) -> Signal[int]:
    k = k + 1
    k += 2
    return x + k ** 2

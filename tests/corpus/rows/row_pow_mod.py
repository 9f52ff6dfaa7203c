@node
def row_pow_mod(x: Signal[int]) -> Signal[int]:
    return pow(x, 3, 7) + pow(3, 5, 11)

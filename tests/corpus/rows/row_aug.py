@node
def row_aug(x: Signal[int]) -> Signal[float]:
    a = x
    a -= 1; a *= 3; a //= 2; a %= 7; a **= 2; a <<= 1; a >>= 1; a &= 15; a |= 16; a ^= 3
    b = 2.0
    b /= 4
    return a + b

@numba_node
def o_equality(x: Signal[int]) -> Signal[int]:
    n = None
    if x > 1:
        n = x
    m = 2 if x != 2 else None
    return ((n == 2) + (n == None) * 2 + (n != x) * 4 + (n == m) * 8 + (None != m) * 16 + (n in (2, 3)) * 32
            + ((n, 1) == (2, 1)) * 64 + (x == None) * 128 + (None == None) * 256 + (x is None) * 512 + (x is not None) * 1024)

@numba_node
def b_isinstance_kinds(x: Signal[int], f: Signal[float]) -> Signal[int]:
    t = (x, f)
    n = None
    if x > 0:
        n = x
    return (isinstance(x, int) + isinstance(f, int) * 2 + isinstance(f, (int, float)) * 4 + isinstance(t, tuple) * 8
            + isinstance(x > 0, int) * 16 + isinstance(x, bool) * 32 + isinstance(n, int) * 64 + isinstance('a', str) * 128
            + isinstance(x, (float, tuple)) * 256 + isinstance(None, int) * 512)

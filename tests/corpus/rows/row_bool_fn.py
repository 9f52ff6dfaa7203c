@node
def row_bool_fn(x: Signal[int]) -> Signal[int]:
    return bool(x) + bool(x - 1) * 2 + isinstance(x, int) * 4 + isinstance(x, (float, bool)) * 8 + isinstance(True, int) * 16

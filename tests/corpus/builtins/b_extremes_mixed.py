@numba_node
def b_extremes_mixed(n: Signal[int], x: Signal[float], b: Signal[bool]) -> Annotated[Outputs, {"a": float, "b": float, "c": int, "d": int, "e": float, "f": bool, "g": float}]:
    return max(n, x), min(n, x, 2), max(n, b), min(b, n, 3, -1), max(x, b, n, 2.5), max(b, n > 2), min(x, -0.0, 0.0)

@numba_node
def b_conversions(n: Signal[int], x: Signal[float], b: Signal[bool]) -> Annotated[Outputs, {"a": int, "b": float, "c": bool, "d": int, "e": float, "f": bool, "g": int, "h": float}]:
    return int(x), float(n), bool(x), int(b), float(b), bool(n), abs(b) + abs(n) + int(), abs(x) + float()

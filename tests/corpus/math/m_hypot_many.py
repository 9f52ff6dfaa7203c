@numba_node
def m_hypot_many(x: Signal[float], y: Signal[float], z: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": float, "d": float, "e": float}]:
    return math.hypot(), math.hypot(x), math.hypot(x, y), math.hypot(x, y, z), math.hypot(n, x, y, z, 2)

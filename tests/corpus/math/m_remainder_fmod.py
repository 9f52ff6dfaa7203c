@numba_node
def m_remainder_fmod(x: Signal[float], y: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": float}]:
    return math.remainder(x, y), math.fmod(x, y), math.remainder(n, y)

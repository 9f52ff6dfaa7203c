@numba_node
def m_constants_all(x: Signal[float]) -> Annotated[Outputs, {"a": float, "b": float, "c": float, "d": float, "e": float}]:
    return math.pi * x, math.e * x, math.tau * x, math.inf * x, math.nan

@numba_node
def m_cbrt_exp2(x: Signal[float]) -> Annotated[Outputs, {"a": float, "b": float}]:
    return math.cbrt(x), math.exp2(x if x < 1000.0 else 3.0)

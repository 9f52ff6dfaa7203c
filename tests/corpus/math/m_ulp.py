@numba_node
def m_ulp(x: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float}]:
    return math.ulp(x), math.ulp(n)

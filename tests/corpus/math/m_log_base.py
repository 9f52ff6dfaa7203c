@numba_node
def m_log_base(x: Signal[float], b: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": float}]:
    return math.log(x, b), math.log(n, 2), math.log(n, b)

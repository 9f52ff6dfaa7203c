@numba_node
def m_isclose(a: Signal[float], b: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"d": bool, "r": bool, "s": bool, "t": bool, "z": bool}]:
    return math.isclose(a, b), math.isclose(a, b, rel_tol=0.1), math.isclose(a, b, abs_tol=0.5), math.isclose(n, a, abs_tol=1e-3, rel_tol=0), math.isclose(b=b, a=a, rel_tol=0.0)

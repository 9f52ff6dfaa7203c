@numba_node
def m_pow_ldexp_next(x: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": float, "d": float}]:
    return math.ldexp(x, n), math.nextafter(x, n), math.pow(n, 2), math.copysign(n, x)

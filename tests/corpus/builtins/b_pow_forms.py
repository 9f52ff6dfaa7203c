@numba_node
def b_pow_forms(a: Signal[int], x: Signal[float], b: Signal[bool]) -> Annotated[Outputs, {"i": int, "f": float, "g": float, "h": int, "k": int}]:
    return pow(a, 3), pow(x, 2.0), pow(base=x, exp=a), pow(b, a, 5), pow(a, 2, None)

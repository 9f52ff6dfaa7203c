@numba_node
def m_lcm_gcd(a: Signal[int], b: Signal[int], c: Signal[int]) -> Annotated[Outputs, {"g": int, "g0": int, "g1": int, "l": int, "l0": int}]:
    return math.gcd(a, b, c), math.gcd(), math.gcd(a), math.lcm(a, b, c), math.lcm()

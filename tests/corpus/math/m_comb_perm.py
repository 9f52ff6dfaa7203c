@numba_node
def m_comb_perm(n: Signal[int], k: Signal[int]) -> Annotated[Outputs, {"comb": int, "perm": int}]:
    return math.comb(n, k), math.perm(n, k)

@numba_node
def m_perm_one(n: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int}]:
    return math.perm(n), math.perm(n, None), math.perm(n + 3, 2)

@numba_node
def m_prod_range(a: Signal[int], b: Signal[int]) -> Annotated[Outputs, {"p": int, "s": int, "f": float}]:
    return math.prod(range(a, b)), math.prod(range(a, b), start=-2), math.prod(range(a, b), start=0.5)

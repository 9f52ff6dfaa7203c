@node
def row_frexp(y: Signal[float]) -> Annotated[Outputs, {"a": float, "b": int}]:
    m, e = math.frexp(y)
    return m, e

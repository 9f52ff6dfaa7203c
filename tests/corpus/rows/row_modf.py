@node
def row_modf(y: Signal[float]) -> Annotated[Outputs, {"a": float, "b": float}]:
    f, i = math.modf(y)
    return f, i

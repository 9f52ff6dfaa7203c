@node
def row_fmin(y: Signal[float]) -> Annotated[Outputs, {"a": float, "b": float, "c": float, "d": float}]:
    return min(y, 1.0), max(y, 1.0), min(0.0, y), abs(y)

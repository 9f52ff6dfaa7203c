@node
def bound_values(
    x: Signal[int], most: int, wide: int, three: int, places: int, part: float
) -> Annotated[Outputs, {"middle": int, "third": float, "scaled": float, "power": float, "square": int}]:
    return (most + 1) // 2 + x, wide / three + x, x * 10 ** -places, part ** 13 + x, -places ** 2 + x

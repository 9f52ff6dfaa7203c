PLACES = -2
TICK = 10 ** PLACES
YEARLY = 1.05 ** 10
WHOLE = int(1e20) // 10 ** 3


@node
def names_and_defaults(
    x: Signal[int], step: float = 10 ** -3, third: float = 9007199254740993 / 3
) -> Annotated[Outputs, {"a": float, "b": float, "c": float, "d": float, "e": int}]:
    return x * TICK + step, x * YEARLY, x * 10 ** PLACES, third + x, WHOLE + x

LIMIT = 2 ** 70 // 2 ** 60
WIDE = 1 << 90


@node
def large_on_the_way(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int, "e": int}]:
    return (1 << 64) // 4 + x, x % (10 ** 20 // 10 ** 19), x + LIMIT, 18446744073709551615 // 3 - x, (WIDE >> 40) + x

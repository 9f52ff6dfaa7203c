@numba_node
def b_round_digits(x: Signal[float], n: Signal[int], k: Signal[int]) -> Annotated[Outputs, {"a": float, "b": int, "c": int, "d": float, "e": int, "f": float}]:
    return round(x, n), round(x), round(k, n), round(number=x, ndigits=1), round(k, -2), round(x, True)

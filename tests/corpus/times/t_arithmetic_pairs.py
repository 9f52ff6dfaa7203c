@numba_node
def t_arithmetic_pairs(a: Signal[timedelta], b: Signal[timedelta]) -> Annotated[Outputs, {"q": int, "r": timedelta, "f": float, "s": timedelta, "d": timedelta, "c": bool, "m": timedelta, "n": timedelta, "t": bool}]:
    return a // b, a % b, a / b, a + b, a - b, a < b <= a + b, max(a, b), min(a, b, a - b), not a

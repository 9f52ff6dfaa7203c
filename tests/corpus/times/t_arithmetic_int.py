@numba_node
def t_arithmetic_int(t: Signal[timedelta], n: Signal[int], b: Signal[bool]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta, "c": timedelta, "d": timedelta, "e": timedelta, "f": timedelta, "g": timedelta}]:
    return t * n, n * t, t * (n * n + 1) // (n * n + 1), -t, +t, abs(t), t * b

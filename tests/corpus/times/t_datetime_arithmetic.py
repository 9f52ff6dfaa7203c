@numba_node
def t_datetime_arithmetic(t: Signal[datetime], u: Signal[datetime], d: Signal[timedelta]) -> Annotated[Outputs, {"a": datetime, "b": datetime, "c": datetime, "s": timedelta, "l": bool, "e": bool, "m": datetime, "i": bool}]:
    return t + d, d + t, t - d, t - u, t < u, t == u, max(t, u), t != u - d

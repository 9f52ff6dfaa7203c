@numba_node
def t_make_timedelta(n: Signal[int], x: Signal[float], b: Signal[bool]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta, "c": timedelta, "d": timedelta}]:
    return timedelta(seconds=n), timedelta(n, b, n, 4, hours=-n), timedelta(days=x), timedelta(weeks=b, milliseconds=x, seconds=x, microseconds=n)

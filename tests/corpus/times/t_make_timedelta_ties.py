@numba_node
def t_make_timedelta_ties(x: Signal[float], y: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta, "c": timedelta}]:
    return timedelta(microseconds=x), timedelta(microseconds=n, milliseconds=y / 1000.0), timedelta(microseconds=x, seconds=y)

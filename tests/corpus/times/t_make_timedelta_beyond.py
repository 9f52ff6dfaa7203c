@numba_node
def t_make_timedelta_beyond(n: Signal[int], x: Signal[float]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta}]:
    a = timedelta(days=n, hours=-24 * n + 1)
    return a, timedelta(days=n, seconds=x)

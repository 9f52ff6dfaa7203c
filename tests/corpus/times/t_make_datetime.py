@numba_node
def t_make_datetime(y: Signal[int], m: Signal[int], d: Signal[int], h: Signal[int]) -> Annotated[Outputs, {"a": datetime, "b": datetime, "w": int}]:
    a = datetime(y, m, d, h, tzinfo=timezone.utc)
    return a, datetime(y, m, d, hour=h, minute=59, second=58, microsecond=999999, tzinfo=timezone(timedelta(hours=-5))), a.weekday()

@numba_node
def t_from_timestamp(n: Signal[int], x: Signal[float]) -> Annotated[Outputs, {"a": datetime, "b": datetime, "h": int}]:
    a = datetime.fromtimestamp(n, timezone.utc)
    return a, datetime.fromtimestamp(x, tz=timezone.utc), datetime.fromtimestamp(n, tz=timezone(timedelta(hours=2))).hour

@numba_node
def t_replace(t: Signal[datetime], n: Signal[int]) -> Annotated[Outputs, {"a": datetime, "b": datetime, "c": datetime, "d": int}]:
    local = t.astimezone(timezone(timedelta(hours=3)))
    return t.replace(hour=0, minute=0, second=0, microsecond=0), t.replace(n, day=1), local.replace(hour=n % 24), local.replace(tzinfo=timezone.utc).hour

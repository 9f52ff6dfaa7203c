@numba_node
def t_members_zoned(d: Signal[timedelta], t: Signal[datetime]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "w": int, "p": int, "u": timedelta, "z": int, "m": int, "n": int, "t": datetime}]:
    start = datetime(2019, 12, 31, 20, 15, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    moved = start + d
    local = t.astimezone(timezone(timedelta(hours=-23, minutes=-59)))
    later = max(moved, local)
    return moved.year, moved.day, moved.hour * 100 + moved.minute, moved.weekday(), local.day * 100 + local.hour, moved.utcoffset(), t.astimezone(timezone.utc).hour, later.hour, (later - timedelta(days=1)).day, min(t, start, local)

from datetime import datetime, timedelta, timezone

INDIA = timezone(timedelta(hours=5, minutes=30))
PAST = timezone(timedelta(hours=-23, minutes=-59))

@numba_node
def t_members_zoned(d: Signal[timedelta], t: Signal[datetime]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "w": int, "p": int, "u": timedelta, "z": int, "m": int, "n": int}]:
    start = datetime(2019, 12, 31, 20, 15, tzinfo=INDIA)
    moved = start + d
    local = t.astimezone(PAST)
    later = max(moved, local)
    return moved.year, moved.day, moved.hour * 100 + moved.minute, moved.weekday(), local.day * 100 + local.hour, moved.utcoffset(), t.astimezone(timezone.utc).hour, later.hour, (later - timedelta(days=1)).day

from datetime import datetime, timedelta, timezone

TOKYO = timezone(timedelta(hours=9))
OPENED = datetime(2020, 1, 1, 3, 30, tzinfo=TOKYO)

@numba_node
def t_zone_of_constant(x: Signal[int]) -> Annotated[Outputs, {"h": int, "d": int, "t": datetime, "n": int, "b": bool, "s": float}]:
    moved = OPENED - timedelta(hours=x)
    return OPENED.hour + x - x, moved.day, moved, (OPENED + timedelta(days=1)).weekday(), OPENED == datetime(2019, 12, 31, 18, 30, tzinfo=timezone.utc), OPENED.timestamp()

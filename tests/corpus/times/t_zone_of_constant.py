@numba_node
def t_zone_of_constant(x: Signal[int]) -> Annotated[Outputs, {"h": int, "d": int, "t": datetime, "n": int, "b": bool, "s": float, "m": int, "i": bool}]:
    opened = datetime(2020, 1, 1, 3, 30, tzinfo=timezone(timedelta(hours=9)))
    if x > 50:
        opened = datetime(2020, 1, 1, 3, 30, tzinfo=timezone.utc)
    moved = opened - timedelta(hours=x)
    hour = datetime(2020, 1, 1, 3, 30, tzinfo=timezone(timedelta(hours=9))).hour
    return hour + x, moved.day, moved, (opened + timedelta(days=1)).weekday(), opened == datetime(2019, 12, 31, 18, 30, tzinfo=timezone.utc), opened.timestamp(), (timedelta(minutes=31) + opened).hour, opened > datetime(2020, 1, 1, tzinfo=timezone.utc)

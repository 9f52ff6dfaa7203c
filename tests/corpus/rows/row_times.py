@node
def row_times(x: Signal[int]) -> Signal[datetime]:
    d = timedelta(days=1, hours=2, minutes=3, seconds=4, milliseconds=5, microseconds=6, weeks=1)
    e = datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=timezone.utc)
    f = datetime(2020, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    g = e + d * x
    if g > f and g - e >= timedelta(0):
        return g
    return f

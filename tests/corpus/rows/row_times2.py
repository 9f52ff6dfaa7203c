@node
def row_times2(d: Signal[timedelta]) -> Signal[int]:
    return (d // timedelta(seconds=7)) + (d % timedelta(seconds=7)) // timedelta(microseconds=1) + d.days + d.seconds + d.microseconds + int(d.total_seconds()) + (d > timedelta()) + bool(d)

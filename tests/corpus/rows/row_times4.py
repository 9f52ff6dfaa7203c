@node
def row_times4(t: Signal[datetime]) -> Signal[int]:
    return t.year * 10000 + t.month * 100 + t.day + t.hour + t.minute + t.second + t.microsecond + t.weekday() + int(t.timestamp())

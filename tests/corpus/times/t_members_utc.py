@numba_node
def t_members_utc(t: Signal[datetime]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int, "e": int, "f": int, "g": int, "w": int, "i": int, "o": int, "s": float}]:
    return t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, t.weekday(), t.isoweekday(), t.toordinal(), t.timestamp()

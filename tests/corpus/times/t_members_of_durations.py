@numba_node
def t_members_of_durations(d: Signal[timedelta]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "s": float, "r": float, "t": bool}]:
    return d.days, d.seconds, d.microseconds, d.total_seconds(), d / timedelta.resolution, bool(d)

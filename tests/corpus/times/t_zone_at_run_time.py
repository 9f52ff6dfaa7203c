@numba_node
def t_zone_at_run_time(m: Signal[int], t: Signal[datetime]) -> Annotated[Outputs, {"h": int, "d": int, "u": timedelta, "t": datetime}]:
    zone = timezone(timedelta(minutes=m))
    local = t.astimezone(zone)
    return local.hour, local.day, zone.utcoffset(None), datetime(2020, 6, 1, 12, tzinfo=zone)

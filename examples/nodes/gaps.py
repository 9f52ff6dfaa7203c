"""Days without trading: reports the time since the day before where that is longer than allowed."""


@node
def gaps(date: Signal[datetime], longest: timedelta) -> Annotated[Outputs, {"since": datetime, "gap": timedelta}]:
    previous: State[datetime] = datetime(1970, 1, 1, tzinfo=timezone.utc)
    started: State[bool] = False
    gap = date - previous
    since = previous
    previous = date
    if not started:
        started = True
        return
    if gap > longest:
        return since, gap

@node
def row_times3(d: Signal[timedelta]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta, "c": timedelta, "d": timedelta, "e": timedelta, "f": timedelta}]:
    return min(d, timedelta(seconds=3)), max(d, timedelta(seconds=3)), -d, abs(d), d * 2, d / 2

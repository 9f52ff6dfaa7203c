@numba_node
def t_float_durations(d: Signal[timedelta], n: Signal[int]) -> Annotated[Outputs, {"a": timedelta, "b": timedelta, "c": timedelta}]:
    return d * 0.5, d / 4, d / -0.25

@numba_node
def t_timedelta_range(n: Signal[int]) -> Signal[timedelta]:
    return timedelta(days=n, microseconds=0)

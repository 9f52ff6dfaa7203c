@numba_node
def t_make_datetime_seconds(m: Signal[int], s: Signal[int], u: Signal[int]) -> Signal[datetime]:
    return datetime(2020, 5, 17, 6, m, s, u, timezone.utc, fold=0)

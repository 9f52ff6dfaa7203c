@node
def t_float_ratio_python(d: Signal[timedelta], f: Signal[float], divide: Signal[bool]) -> Signal[timedelta]:
    return d / f if divide else d * f

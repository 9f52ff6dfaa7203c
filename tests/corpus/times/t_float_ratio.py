@node
def t_float_ratio(d: Signal[timedelta], f: Signal[float]) -> Annotated[Outputs, {'product': timedelta, 'quotient': timedelta}]:
    return d * f, d / f

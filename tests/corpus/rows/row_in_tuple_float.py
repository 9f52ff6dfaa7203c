@node
def row_in_tuple_float(y: Signal[float]) -> Signal[int]:
    return (y in (1, 2.5, True)) + (y not in (0.0, 3)) * 2

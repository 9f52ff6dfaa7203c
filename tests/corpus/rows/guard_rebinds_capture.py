@node
def guard_rebinds_capture(x: Signal[int]) -> Signal[float]:
    match (x, 1):
        case (3, _):
            return 3
        case (c, 1) if (c := 5.5) > x:
            return c
        case (c, d) if (d := c) > 5:
            return d * 10.0 + c
    return 1.0

@node
def guard_rebinds_alternative(x: Signal[int]) -> Signal[int]:
    match (x, x % 2):
        case (0, c) | (c, 0) if (c := c + 1) > 2:
            return c
        case (c, _) as t if (t := c) != 5:
            return t * 100
    return -1

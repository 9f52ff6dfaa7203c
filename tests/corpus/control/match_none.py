@numba_node
def match_none(x: Signal[int]) -> Signal[int]:
    n = None
    if x > 0:
        n = x
    t = (x, n) if x != 3 else None
    match n:
        case None:
            a = 1
        case 2:
            a = 2
        case v:
            a = v * 10
    match t:
        case None:
            return a + 1000
        case (_, None):
            return a + 2000
        case (p, 2):
            return a + p + 3000
        case (p, q):
            return a + p + q

@numba_node
def match_tuples(x: Signal[int], y: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": float}]:
    match x, y:
        case 0, 0:
            a = 1
        case (0, k) | (k, 0):
            a = k * 10
        case (p, q) if p == q:
            a = p
        case [p, _] as t:
            a = p * 100 + t[1]
    match (x, (y, 0.5, x)):
        case (2, _):
            b = 1
        case (3, (m, *rest)):
            b = m + len(rest)
        case (_, (first, *_, last)) as whole:
            b = first * 10 + last + len(whole)
    match (x, y * 0.5):
        case int_part, 0.0:
            c = int_part
        case (0 | 2 as small, half):
            c = small + half
        case (u, v):
            c = u - v
    return a, b, c

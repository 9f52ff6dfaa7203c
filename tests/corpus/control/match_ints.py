@numba_node
def match_ints(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int}]:
    b = 0
    match x:
        case 0:
            a = 10
        case 1 | 2:
            a = 20
        case -1:
            a = -5
        case n if n > 5:
            a = n * 2
            b = n
        case n:
            a = n
    match x + 1:
        case 3:
            b += 1
        case 4 if a > 100:
            b += 2
        case 4:
            b += 3
    match x > 1:
        case True:
            b += 100
        case False:
            b += 200
    return a, b

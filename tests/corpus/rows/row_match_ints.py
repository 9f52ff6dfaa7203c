@node
def row_match_ints(x: Signal[int]) -> Signal[int]:
    match x:
        case 1 | 2:
            return 12
        case 3 if x > 2:
            return 3
        case -3:
            return 33
        case n:
            return n * 10

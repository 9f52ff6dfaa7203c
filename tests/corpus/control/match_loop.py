@numba_node
def match_loop(x: Signal[int]) -> Signal[int]:
    n = 0
    for i in range(x + 3):
        match i % 4, n > 5:
            case 0, _:
                continue
            case 1, True:
                break
            case k, _:
                n += k
    else:
        n += 1000
    s = 'up' if x > 1 else 'down'
    match s:
        case 'up':
            n += 10000
        case 'down' | 'sideways':
            n += 20000
    return n

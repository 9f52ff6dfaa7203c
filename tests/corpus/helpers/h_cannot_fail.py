def mixed(a, b=3):
    return a * 2 + b


def h_cannot_fail(x: Signal[int]) -> Signal[int]:
    total: State[int] = 7
    first = [1.5, 1.5, -5.0].pop(0)
    return total + x if first > 1.0 else x


@h_cannot_fail.start
def at_start():
    total %= mixed(20, 30)

def whiles(x: Signal[int]) -> Signal[int]:
    i = 0
    while note(1, i) < note(2, 3):
        i = i + note(3, 1)
    else:
        note(4, 0)
    return i


def whiles_that_continue(x: Signal[int]) -> Signal[int]:
    i = 0
    while note(1, i < 6) and note(2, i != 4):
        i += 1
        if note(3, i) % 2:
            continue
        if note(4, i) > 5:
            break
        note(5, i)
    return i


def operands(x: Signal[int]) -> Signal[int]:
    a = note(1, x > 0) and note(2, x > 1) and note(3, x > 2)
    b = note(4, x > 2) or note(5, x > 1) or note(6, x > 0)
    c = not note(7, a) or (note(8, b) and not note(9, a))
    return 4 * a + 2 * b + c


def values_of_operands(x: Signal[int]) -> Signal[int]:
    return note(1, x) and note(2, x + 1) or note(3, 7)


def conditionals(x: Signal[int]) -> Signal[int]:
    a = note(1, 10) if note(2, x > 1) else note(3, 20)
    b = (note(4, 1) if note(5, a > 10) else note(6, 2)) if note(7, x > 0) else note(8, 3)
    return a + b


def nested(x: Signal[int]) -> Signal[int]:
    return note(1, note(2, x) + note(3, note(4, 2) * note(5, 3))) - note(6, 1)


def compared(x: Signal[int]) -> Signal[int]:
    a = note(1, 0) < note(2, x) < note(3, 3) < note(4, 9)
    b = note(5, 1) in [note(6, x), note(7, 1)]
    return 2 * a + b


def subscripts(x: Signal[int]) -> Signal[int]:
    values = [note(1, 1), note(2, 2), note(3, 3)]
    values[note(4, x)] += note(5, 10)
    values[note(6, 0)] = note(7, values[note(8, 1)])
    a, b = note(9, values[0]), note(10, values[x])
    return a + b


def loops(x: Signal[int]) -> Signal[int]:
    total = 0
    for i in range(note(1, x), note(2, 4)):
        for j in range(note(3, i)):
            if note(4, j) == 2:
                break
            total += note(5, i * j)
        else:
            note(6, 0)
    return total


def tried(x: Signal[int]) -> Signal[int]:
    result = 0
    try:
        result = note(1, [10, 20][note(2, x)])
        note(3, 0)
    except IndexError:
        result = note(4, -1)
    else:
        result += note(5, 1)
    finally:
        note(6, 0)
    return note(7, result)


def asserted(x: Signal[int]) -> Signal[int]:
    try:
        assert note(1, x) > note(2, 1)
        if note(3, x) == 3:
            raise ValueError("three")
    except (AssertionError, ValueError):
        return note(4, 0)
    return note(5, x)


def walrus(x: Signal[int]) -> Signal[int]:
    if note(1, x > 1) and (y := note(2, x)) > note(3, 2):
        return note(4, y)
    z = (y := note(5, 3)) + y + note(6, 0)
    return z


def matched(x: Signal[int]) -> Signal[int]:
    match note(1, x):
        case 1:
            return note(2, 1)
        case y if note(3, y > 2):
            return note(4, y)
        case _:
            return note(5, 0)


def helped(x: Signal[int]) -> Signal[int]:
    return doubled(note(1, x), note(2, 1)) + note(3, 1)


def doubled(value, more):
    if note(4, value) > 2:
        return note(5, value)
    return note(6, value) * 2 + more


def rebound(x: Signal[int]) -> Signal[int]:
    y = x
    z = y + note(1, (y := 5)) + y
    y += note(2, (y := 7))
    return z * 100 + y

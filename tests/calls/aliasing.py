"""One container under two names.

>>> xs = [1, 2]
>>> both(xs, xs)
5
>>> xs
[1, 2, 7, 8, 3]
>>> ys = [1, 2]
>>> both(xs, ys)
4
>>> xs
[1, 2, 7, 8, 3, 7, 3]
>>> ys
[1, 2, 8]
>>> pass_on(xs, ys)
[1, 2, 7, 8, 3, 7, 3]
>>> clear_other(xs, xs)
0
>>> xs
[]
>>> d = {1: 2}
>>> move(d, d)
>>> d
{1: 3}
>>> e = {1: 10}
>>> move(d, e)
>>> d
{1: 3}
>>> e
{1: 4}
>>> zs = [1, 2]
>>> maybe(zs, [5], True)
[5, 1]
>>> maybe(zs, [5], False)
[1, 2, 1]
>>> zs
[1, 2, 1]
>>> under_another_name(zs)
[1, 2, 1, 4]
>>> zs
[1, 2, 1, 4]
>>> caught(zs, [8])
[8, 0]
>>> caught([1], zs)
[1, 2, 1, 4, 0]
>>> summed_while_it_grows(zs)
16
>>> zs
[1, 2, 1, 4, 0, 1, 2, 1, 4, 0]
>>> replaced_in_a_loop(zs, [3])
3
"""


def both(xs, ys):
    xs.append(7)
    ys.append(8)
    xs.append(3)
    return len(xs) if xs[-2] == 8 else len(xs) - len(ys)


def pass_on(xs, ys):
    zs = xs
    ys = zs
    return ys


def clear_other(xs, ys):
    ys.clear()
    return len(xs)


def move(source, target):
    target[1] = source[1] + 1


def maybe(xs, ys, other):
    if other:
        xs = ys
    xs.append(1)
    return xs


def under_another_name(xs):
    same = xs
    same.append(4)
    again = same
    return again


def caught(xs, ys):
    try:
        xs = ys
        xs[9] = 1
    except IndexError:
        xs.append(0)
    return xs


def summed_while_it_grows(xs):
    total = 0
    count = len(xs)
    for x in xs:
        total += x
        if len(xs) < 2 * count:
            xs.append(x)
    return total


def replaced_in_a_loop(xs, ys):
    for _ in range(3):
        xs, ys = ys, xs
    return len(xs) + len(ys) - 10 + xs[0] - 1

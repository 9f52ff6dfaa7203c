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

"""Lists are passed by reference.

>>> xs = [3, 1, 2]
>>> add(xs, 4)
>>> xs
[3, 1, 2, 4]
>>> largest(xs)
4
>>> sort_in_place(xs)
>>> xs
[1, 2, 3, 4]
>>> largest([0.5, -1.0])
0.5
>>> doubled([1, 2])
[2, 4]
>>> doubled([0.5])
[1.0]
>>> ys = [1.0, 2.0]
>>> total(ys)
3.0
>>> same(ys)
[1.0, 2.0]
>>> reset(ys, 0.5)
>>> ys
[0.5, 0.5]
>>> first_and_length([True, False])
(True, 2)
"""


def add(xs, x):
    xs.append(x)


def largest(xs):
    found = xs[0]
    for x in xs:
        if x > found:
            found = x
    return found


def sort_in_place(xs):
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]


def doubled(xs):
    result = [xs[0]]
    result.pop()
    for x in xs:
        result.append(x * 2)
    return result


def total(xs):
    found = 0.0
    for x in xs:
        found += x
    return found


def same(xs):
    return xs


def reset(xs, x):
    for i in range(len(xs)):
        xs[i] = x


def first_and_length(xs):
    return xs[0], len(xs)

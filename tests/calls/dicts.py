"""Dicts are passed by reference, in the order of insertion.

>>> d = {1: 0.5}
>>> put(d, 7, 2.5)
1.5
>>> d
{1: 0.5, 7: 2.5}
>>> put(d, 1, 4.5)
3.5
>>> d
{1: 4.5, 7: 2.5}
>>> remove(d, 1)
4.5
>>> d
{7: 2.5}
>>> get(d, 7, 0.0)
2.5
>>> get(d, 8, -1.0)
-1.0
>>> histogram([3, 1, 3])
{3: 2, 1: 1}
>>> keys_of({2: True, 1: False})
[2, 1]
"""


def put(d, key, value):
    d[key] = value
    mean = 0.0
    for other in d.values():
        mean += other
    return mean / len(d)


def remove(d, key):
    return d.pop(key)


def get(d, key, default):
    return d.get(key, default)


def histogram(xs):
    counts = {0: 0}
    counts.clear()
    for x in xs:
        counts[x] = counts.get(x, 0) + 1
    return counts


def keys_of(d):
    keys = [0]
    keys.clear()
    for key in d:
        keys.append(key)
    return keys

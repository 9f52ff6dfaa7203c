"""Annotations that say tuples and what may be None.

>>> swap((1, 2.5))
(2.5, 1)
>>> total([1.5, 2.5])
4.0
>>> total([1.5, 2.5], 1.0)
5.0
>>> total([1.5], None)
1.5
>>> longest((1.5, 2.5), 2)
(2.5, 2)
>>> longest(None, 2)
>>> keep(([1.0], 3))
[1.0, 3.0]
"""

from typing import Optional, Tuple


def swap(pair: tuple[int, float]):
    first, second = pair
    return second, first


def total(xs: list[float], start: float | None = None):
    result = 0.0 if start is None else start
    for x in xs:
        result += x
    return result


def longest(pair: Optional[Tuple[float, float]], n: int):
    if pair is None:
        return None
    return pair[1], n


def keep(pair: Tuple[list[float], int]):
    xs, n = pair
    xs.append(float(n))
    return xs

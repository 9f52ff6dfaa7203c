"""Functions that use what their module holds.

>>> area(2.0)
12.566370614359172
>>> shifted(3)
13
>>> twice_shifted(3)
26
>>> hypotenuse(3, 4)
5.0
>>> lookup(1)
20
>>> lookup(3)
Traceback (most recent call last):
    ...
IndexError: list index out of range
"""

import math

OFFSET = 10
TABLE = [10, 20, 30]


def area(radius):
    return math.pi * radius**2


def shift(x):
    return x + OFFSET


def shifted(x):
    return shift(x)


def twice_shifted(x):
    return 2 * shift(x)


def hypotenuse(x, y):
    return math.sqrt(x * x + y * y)


def lookup(index):
    return TABLE[index]

"""Keywords, defaults, None.

>>> line(2)
(2, 1, 0.5)
>>> line(2, 3)
(2, 3, 0.5)
>>> line(2, shift=1.5)
(2, 1, 1.5)
>>> line(shift=2.5, x=1, slope=4)
(1, 4, 2.5)
>>> named(1)
1
>>> or_zero(None)
0
>>> or_zero(5)
5
>>> first_positive([-1, 4, 5])
4
>>> first_positive([-1, -4])
>>> is_missing(None)
True
>>> is_missing(1)
False
>>> nothing(1)
>>> swapped((1, 2.5))
(2.5, 1)
>>> nested(((1, 2), 3))
6
>>> given(1)
-1
>>> given(1, 5)
5
>>> line()
Traceback (most recent call last):
    ...
TypeError: line() missing 1 required positional argument: 'x'
>>> line(1, 2, 3)
Traceback (most recent call last):
    ...
TypeError: line() takes from 1 to 2 positional arguments but 3 were given
>>> line(1, x=2)
Traceback (most recent call last):
    ...
TypeError: line() got multiple values for argument 'x'
>>> line(1, other=2)
Traceback (most recent call last):
    ...
TypeError: line() got an unexpected keyword argument 'other'
"""


def line(x, slope=1, *, shift=0.5):
    return x, slope, shift


def named(x, mode="plain"):
    return 2 * x if mode == "double" else x


def or_zero(x):
    return 0 if x is None else x


def first_positive(xs):
    for x in xs:
        if x > 0:
            return x
    return None


def is_missing(x):
    return x is None


def nothing(x):
    x += 1


def swapped(pair):
    one, other = pair
    return other, one


def nested(pair):
    return pair[0][0] + pair[0][1] + pair[1]


def given(x, y=None):
    if y is None:
        return -x
    return y

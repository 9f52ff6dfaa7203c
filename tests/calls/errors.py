"""What a call raises, and what is seen of it.

>>> half(8)
4
>>> half(7)
Traceback (most recent call last):
    ...
ValueError: odd
>>> quotient(1, 0)
Traceback (most recent call last):
    ...
ZeroDivisionError: division by zero
>>> safe(1, 0)
-1.0
>>> safe(1, 4)
0.25
>>> xs = [1, 2, 3]
>>> until(xs, 5)
Traceback (most recent call last):
    ...
IndexError: list assignment index out of range
>>> xs
[0, 0, 0]
>>> half(9)
Traceback (most recent call last):
    ...
ValueError: odd
>>> unbound(0)
Traceback (most recent call last):
    ...
UnboundLocalError: cannot access local variable 'y' where it is not associated with a value
>>> unbound(2)
2
>>> positive(3)
3
>>> positive(-3)
Traceback (most recent call last):
    ...
AssertionError
>>> cleaned([1], True)
(1, 9)
"""


def half(x):
    if x % 2 == 1:
        raise ValueError("odd")
    return x // 2


def quotient(x, y):
    return x / y


def safe(x, y):
    try:
        return quotient(x, y)
    except ZeroDivisionError:
        return -1.0


def until(xs, n):
    for i in range(n):
        xs[i] = 0


def unbound(x):
    if x:
        y = x
    return y


def positive(x):
    assert x > 0
    return x


def cleaned(xs, fails):
    done = 0
    try:
        try:
            if fails:
                xs[5] = 1
        finally:
            done = 9
    except IndexError:
        pass
    return len(xs), done

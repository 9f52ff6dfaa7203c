"""Numbers in and out.

>>> scale(1.5, 4)
6.0
>>> scale(3, 4)
12
>>> scale(True, 2.5)
2.5
>>> divide(7, 2)
3.5
>>> divide(-7, 0.5)
-14.0
>>> floor_divide(-7, 2)
-4
>>> floor_divide(-7.5, 2)
-4.0
>>> power(2, 10)
1024
>>> power(2.0, -1)
0.5
>>> is_between(1, 2.5, 3)
True
>>> is_between(1, 1, 1)
False
>>> negated(True)
False
>>> negated(0.0)
True
>>> answer()
42
>>> parts(17, 5)
(3, 2)
>>> parts(17.5, 5)
(3.0, 2.5)
>>> collatz(27)
111
"""


def scale(x, y):
    return x * y


def divide(x, y):
    return x / y


def floor_divide(x, y):
    return x // y


def power(x, y):
    return x**y


def is_between(low, x, high):
    return low < x < high


def negated(x):
    return not x


def answer():
    return 42


def parts(x, y):
    return x // y, x % y


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps

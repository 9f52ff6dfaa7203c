from math import sqrt as root
import math as m
LIMIT = 3
PAIR = (1, 2.5)

def twice(a, by=LIMIT, *, extra=0):
    def_ = a * by
    return def_ + extra

def even(n):
    if n > 0:
        return twice(n, 2)
    return twice(a=n, extra=1)


@node
def row_helpers(x: Signal[int]) -> Signal[int]:
    return even(x) + int(root(4.0)) + int(m.floor(PAIR[1]))

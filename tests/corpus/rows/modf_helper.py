import math as m
from math import frexp as split

def parts(v):
    whole = m.modf(v)
    return whole[1] + split(whole[0])[1]


@node
def modf_helper(x: Signal[int]) -> Signal[float]:
    return parts(x / 4) + parts(2.75)

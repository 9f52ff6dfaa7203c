# Annotations of a plain function mean what they can; those that nearly do are told.
# call: scaled (list[int], int, int, int, int)

from numpy import flota


def scaled(xs: lsit[float], by: flaot, start: Decimal, end: 'floaat', known: flota) -> Optinal[int]:  # warning: [W0106] "the parameter `xs`" at "lsit" # warning: [W0106] at "flaot" # warning: [W0106] at "floaat" # warning: [W0106] "what is returned"
    return by * start + end + known + len(xs)

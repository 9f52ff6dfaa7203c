import math

@node
def x_python_floats(op: Signal[int], x: Signal[float], y: Signal[float]) -> Signal[float]:
    if op == 0:
        return x / y
    if op == 1:
        return x // y
    if op == 2:
        return x % y
    if op == 3:
        return x ** y
    if op == 4:
        return int(x)
    if op == 5:
        return round(x)
    if op == 6:
        return math.floor(x) + math.ceil(x)
    if op == 7:
        return math.sqrt(x)
    if op == 8:
        return math.log(x)
    if op == 9:
        return math.log(x, y)
    if op == 10:
        return math.exp(x)
    if op == 11:
        return math.acos(x)
    if op == 12:
        return math.gamma(x)
    if op == 13:
        return math.pow(x, y)
    if op == 14:
        return math.fmod(x, y)
    if op == 15:
        return math.atanh(x)
    if op == 16:
        return math.sin(x)
    if op == 17:
        return math.log1p(x)
    if op == 18:
        return math.cosh(x)
    if op == 19:
        return math.lgamma(x)
    if op == 20:
        return math.hypot(x, y)
    if op == 21:
        return math.ldexp(x, 5000)
    if op == 22:
        return math.trunc(x)
    if op == 23:
        return round(x, 2)
    if op == 24:
        return math.acosh(x)
    if op == 25:
        return math.remainder(x, y)
    if op == 26:
        return x ** 3
    if op == 27:
        return x ** -2
    if op == 28:
        return math.log2(x) + math.log10(x)
    if op == 29:
        return math.expm1(x)
    return math.tan(x)

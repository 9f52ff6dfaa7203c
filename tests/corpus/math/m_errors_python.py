@numba_node
def m_errors_python(k: Signal[int], x: Signal[float], y: Signal[float]) -> Signal[float]:
    if k == 0:
        return math.hypot(x, y, x)
    if k == 1:
        return math.remainder(x, y)
    if k == 2:
        return math.log(x, y)
    if k == 3:
        return math.exp2(x)
    if k == 4:
        return math.ulp(x)
    if k == 5:
        return math.hypot(x, y)
    if k == 6:
        return math.fmod(x, y)
    if k == 7:
        return math.cbrt(x)
    if k == 8:
        return math.nextafter(x, y)
    if k == 9:
        return math.copysign(x, y) + math.degrees(x)
    if k == 10:
        return round(x, 2) + round(x, -308)
    if k == 11:
        return math.pow(x, y)
    return math.ldexp(x, 5000)

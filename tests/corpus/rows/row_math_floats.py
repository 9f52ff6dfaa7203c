@node
def row_math_floats(x: Signal[int]) -> Signal[float]:
    return math.sqrt(abs(x)) + math.fmod(x, 3) + math.remainder(x, 3) + math.ldexp(x, 3) + math.fabs(x) + math.copysign(2, x) + math.hypot(x, 4) + math.fsum((0.1, x, 0.2)) + math.ulp(x) + math.nextafter(x, 9) + math.degrees(x) + math.radians(x) + math.dist((1, 2), (x, 6)) + math.isclose(x, 3.0) + math.tau

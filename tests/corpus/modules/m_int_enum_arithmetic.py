from enum import IntEnum

class Level(IntEnum):
    LOW = -3
    MID = 2
    HIGH = 5

WEIGHTS = (10, 20, 30)

@numba_node
def m_int_enum_arithmetic(a: Signal[Level], b: Signal[Level], x: Signal[int]) -> Annotated[Outputs, {"i": int, "f": float, "k": int}]:
    i = (a + b) * 3 - a * b + (a - x) + a // b + a % b + x // b + (a & b) + (a | x) * 2 + (a ^ b) + ~a - -b + +a
    i += (x << abs(b)) + (x >> abs(a)) + abs(a) + min(a, b) + max(a, x) + sum((a, b, x)) + round(a) + pow(x, abs(b))
    f = a / b + x / a + a * 0.5 + float(b) + 2.0 ** a + round(b / 4, 1) + (a if x > 0 else 0.25)
    k = 0
    for n in range(abs(a)):
        k += n
    k += WEIGHTS[a % 3] + int(b)
    quotient, rest = divmod(a, b)
    k += quotient * 100 + rest
    if a < b <= 5 or a == x:
        k += 1000
    if bool(a) and a != b:
        k += 10000
    k += a
    k -= b
    return i, f, k

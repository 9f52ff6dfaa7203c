@node
def row_math_ints(x: Signal[int]) -> Signal[int]:
    return math.comb(x + 5, 2) + math.factorial(x + 4) + math.gcd(x, 6, 9) + math.isqrt(x + 9) + math.lcm(x, 4) + math.perm(x + 4, 2) + math.prod((x, 2, 3)) + math.floor(x / 2) + math.ceil(x / 2) + math.trunc(x / 2)

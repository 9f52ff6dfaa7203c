@node
def unsupported(x: Signal[int]) -> Signal[int]:
    f = lambda v: v + 1  # error: [E0401]
    with x:  # error: [E0401]
        pass
    return x


@node
def naive(x: Signal[datetime]) -> Signal[bool]:
    return x > datetime(2020, 1, 1)  # error: [E0402] "timezone"


@node
def aware(x: Signal[datetime]) -> Signal[bool]:
    return x > datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=2)))


@node
def targets(x: Signal[int]) -> Signal[int]:
    1 = x  # error: [E0104] "a literal"
    x + 1 = 2  # error: [E0104] "the result of an operation"
    x.y += 1  # error: [E0305] "`y`"
    return 9223372036854775808  # error: [E0005]


@node
def builtin(x: Signal[int]) -> Signal[int]:
    input(x)  # error: [E0101] "`input` is not supported in a node"
    print(x, sep=x)  # error: [E0304] "`sep`"
    return x


@node
def default(x: Signal[float] = 1.0) -> Signal[float]:  # error: [E0205] "default"
    return x


WIDE = 2**70
MANY = 10**100


@node
def large_numbers(x: Signal[int], k: int = 9223372036854775807) -> Signal[int]:
    a = 10**20  # error: [E0005] at "10**20"
    b = (1 << 64) // 4
    c = WIDE  # error: [E0005] at "WIDE"
    d = WIDE >> 40
    e = MANY - 1  # error: [E0005] at "MANY"
    f = k + 1  # error: [E0005] at "k + 1"
    g = x + 18446744073709551616  # error: [E0005] at "18446744073709551616"
    h = -9223372036854775808 - 1  # error: [E0005]
    return a + b + c + d + e + f + g + h


@node
def large_default(x: Signal[int], k: int = 2**63) -> Signal[int]:  # error: [E0005] at "2**63"
    return x + k


@node
def large_state(x: Signal[int]) -> Signal[int]:
    s: State[int] = 1 << 63  # error: [E0005] at "1 << 63"
    s += x
    return s


ZERO = 1 // 0


@node
def undefined_constant(x: Signal[int]) -> Signal[int]:
    return x + ZERO  # error: [E0402] "division by zero"


@node
def functions_with_names(x: Signal[float]) -> Signal[float]:
    f = min
    g = abs  # error: [E0307] "`abs` is not a value"
    if x > 1:
        g = min  # error: [E0307] "`min` is not a value"
    h = f  # error: [E0307] "`min` is not a value"
    return f(x, 3.0)

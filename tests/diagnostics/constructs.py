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

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

@node
def naive_of_fields(y: Signal[int]) -> Signal[datetime]:
    return datetime(y, 1, 1)  # error: [E0402] "without a time zone"


@node
def naive_of_seconds(n: Signal[int]) -> Signal[datetime]:
    return datetime.fromtimestamp(n)  # error: [E0402] "without a time zone"


@node
def constant_fields(x: Signal[int]) -> Signal[datetime]:
    return datetime(2021, 2, 29, tzinfo=timezone.utc)  # error: [E0402] "day is out of range for the month"


@node
def beyond(x: Signal[int]) -> Signal[datetime]:
    return datetime(2300, 1, 1, tzinfo=timezone.utc)  # error: [E0402] "1678 to 2261"


@node
def too_long(x: Signal[int]) -> Signal[timedelta]:
    return timedelta(days=200000)  # error: [E0402] "292 years"


@node
def longest(x: Signal[int]) -> Signal[timedelta]:
    return timedelta.max  # error: [E0305] "has no `max`"


@node
def clock(x: Signal[int]) -> Signal[datetime]:
    return datetime.now()  # error: [E0305] "has no `now`"


@node
def far_zone(x: Signal[int]) -> Signal[datetime]:
    return datetime(2020, 1, 1, tzinfo=timezone(timedelta(days=1)))  # error: [E0402] "less than a day"


@node
def broken_field(x: Signal[float]) -> Signal[datetime]:
    return datetime(2020, 1, 1, x, tzinfo=timezone.utc)  # error: [E0304]


@node
def wrong_zone(x: Signal[int]) -> Signal[datetime]:
    return datetime(x, 1, 1, tzinfo=2)  # error: [E0304]


@node
def unknown_part(x: Signal[int]) -> Signal[timedelta]:
    return timedelta(years=x)  # error: [E0304] "no parameter `years`"


@node
def factorial_of_float(x: Signal[int]) -> Signal[int]:
    return x + math.factorial(2.5)  # error: [E0304]


@node
def seconds(t: Signal[datetime], u: Signal[datetime]) -> Signal[float]:
    return (t - u) / 1e9  # warning: [W0003] "rounded to whole ones"

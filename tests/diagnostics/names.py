@node
def unknown(value: Signal[int]) -> Signal[int]:
    return valeu + 1  # error: [E0101] "valeu"


@node
def unbound(x: Signal[int]) -> Signal[int]:
    y = z + 1  # error: [E0102] "`z` is read before it is bound"
    z = x
    return y + z


@node
def conflict(x: Signal[int]) -> Signal[int]:
    if x > 0:
        y = timedelta(seconds=1)
    else:
        y = (x, 1)
    return y  # error: [E0303]


@node
def conflict_unread(x: Signal[int]) -> Signal[int]:
    if x > 0:
        y = timedelta(seconds=1)
    else:
        y = None
    return x + 1


@node
def shadowed_input(x: Signal[float]) -> Signal[float]:
    if x > 1.0:
        x = 1
    return x


@node
def several_stages(x: Signal[float]) -> Signal[float]:
    a = unheard + 1  # error: [E0101]
    b = x + None  # error: [E0301]
    return a + b


@node
def bound_by_what_is_refused(x: Signal[float]) -> Signal[float]:
    with x as y:  # error: [E0401]
        pass
    def z():  # error: [E0401]
        return x
    return z


@node
def never_bound_in_loop(n: Signal[int]) -> Signal[int]:
    for i in range(3):
        z *= 2  # error: [E0102]
    return z


@node
def wrong_in_loop(n: Signal[int]) -> Signal[int]:
    y = 1.5
    for i in range(3):
        y = y << 1  # error: [E0301]
    return n


@node
def reported_once(n: Signal[int]) -> Signal[int]:
    for i in range(3):
        z = n + None  # error: [E0301]
    return z


import maht


@node
def module_name(x: Signal[float]) -> Signal[float]:
    return maht + x  # error: [E0101] "`maht`" at "maht"

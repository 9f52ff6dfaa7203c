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
        y = None
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
    a = unknown + 1  # error: [E0101]
    b = x + None  # error: [E0301]
    return a + b


@node
def bound_by_what_is_refused(x: Signal[float]) -> Signal[float]:
    with x as y:  # error: [E0401]
        pass
    try:  # error: [E0401]
        z = x
    except Exception:
        z = 1.0
    return z

@node
def never_closed(x: Signal[int]) -> Signal[int]:
    y = (x + 1  # error: [E0001] "never closed" at "("
    return y


@node
def no_colon(x: Signal[int]) -> Signal[int]:
    if x > 1  # error: [E0001] "the line ends" at ""
        return 1
    return x


@node
def between(x: Signal[int]) -> Signal[int]:
    return valeu  # error: [E0101] "valeu" at "valeu"


@node
def twice(x: Signal[int], x: Signal[int]) -> Signal[int]:  # error: [E0103] "`x`"
    return x


@node
def character(x: Signal[int]) -> Signal[int]:
    return x ? 1  # error: [E0001] at "?"


@node
def outside(x: Signal[int]) -> Signal[int]:
    break  # error: [E0007] "outside of a loop" at "break"
    return x

@node
def operands(x: Signal[float]) -> Signal[float]:
    return x + None  # error: [E0301] "`+` is not defined for float and None"


@node
def methods(x: Signal[float]) -> Signal[float]:
    return x.total()  # error: [E0305] "float has no method `total`"


@node
def not_callable(x: Signal[float]) -> Signal[float]:
    return x(1)  # error: [E0306]


@node
def module_member(x: Signal[float]) -> Signal[float]:
    return math.sqroot(x)  # error: [E0305] "`math` has no `sqroot`"


@node
def function_as_value(x: Signal[float]) -> Signal[float]:
    return abs  # error: [E0307] "`abs` is not a value"


@node
def literal_into_int(x: Signal[int]) -> Signal[int]:
    return 1.5  # error: [E0302]


@node
def truncated(x: Signal[float]) -> Signal[int]:
    return x * 2  # warning: [W0001]


@node
def truth_of_number(x: Signal[int]) -> Signal[bool]:
    return x + 0  # warning: [W0002]


@node
def arguments(x: Signal[float]) -> Signal[float]:
    return math.sqrt(x, x)  # error: [E0304]


@node
def two_errors(x: Signal[float]) -> Signal[float]:
    a = x + None  # error: [E0301]
    b = math.sqroot(x)  # error: [E0305]
    return a + b


@node
def uncalled(x: Signal[float]) -> Signal[bool]:
    a = x.ticked  # error: [E0307] "`x.ticked` is a method"
    return x.ticked() and x.valid  # error: [E0307]


@node
def keywords(x: Signal[float]) -> Signal[float]:
    a = round(x, ndigit=2)  # error: [E0304] "no parameter `ndigit`"
    b = abs(x, x)  # error: [E0304]
    return x.ticked(1)  # error: [E0304] "takes no arguments"


@node
def operations(x: Signal[int]) -> Signal[int]:
    for i in x:  # error: [E0301] "cannot be iterated over"
        a = i.anything
    b = x[0]  # error: [E0301]
    return b + missing  # error: [E0101]


@node
def nanoseconds(x: Signal[datetime]) -> Signal[datetime]:
    return x + 1  # warning: [W0003] at "x" # warning: [W0003] at "x + 1"

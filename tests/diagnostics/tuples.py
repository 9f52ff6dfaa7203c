@node
def index(x: Signal[int]) -> Signal[int]:
    t = (x, 2)
    return t[2]  # error: [E0005] "a tuple of 2 elements has no element 2"


@node
def kinds(x: Signal[int]) -> Signal[float]:
    t = (x, "a")
    return t[x]  # error: [E0303] "the index is known at run time only"


@node
def counts(x: Signal[int]) -> Signal[int]:
    a, b = (x, x, x)[:]  # error: [E0104] "3 values for 2 targets"
    c, *d, e = (x,)  # error: [E0104] "2 or more targets"
    f, g = x  # error: [E0301] "a value of type int cannot be unpacked"
    return a + c + f


@node
def runtime(x: Signal[int]) -> Signal[int]:
    t = (x, 2)
    u = t[:x]  # error: [E0301] "the bounds of a slice of a tuple"
    v = t * x  # error: [E0301] "a number of times that is known at run time only"
    return max(*range(x))  # error: [E0401] "how many values `*` stands for is not known"


@node
def too_large(x: Signal[int]) -> Signal[int]:
    t = (x,) * 100000  # error: [E0004] "a tuple of more than 1024 parts"
    return x


@node
def iterators(x: Signal[int]) -> Signal[int]:
    e = enumerate((x, 2))  # error: [E0307] "not kept in a local"
    for a in (x, "a"):  # error: [E0303] "the elements of tuple[int, str] are not of one type"
        pass
    return min(())  # error: [E0402] "min() arg is an empty sequence"


@node
def identity(x: Signal[int]) -> Signal[int]:
    if x is 5:  # error: [E0301] "`is` is not defined for int and int"
        return 1
    n = None
    return n + 1  # error: [E0301] "`+` is not defined for None and int"


@node
def paths(x: Signal[int]) -> Signal[int]:
    t = (x, 2)
    if x > 1:
        t = (x, 2, 3)
    return t[0]  # error: [E0303] "`t` is of type"


@node
def outputs(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int}]:
    t = (x, 2, 3)
    return t  # error: [E0501] "3 values returned for 2 outputs"


@node
def patterns(x: Signal[int]) -> Signal[int]:
    match x:
        case {"a": 1}:  # error: [E0401] "a mapping pattern"
            return 1
        case "a":  # error: [E0301] "`case` is not defined for int and str"
            return 2
    return 3

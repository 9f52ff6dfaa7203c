# After an error in what a function declares, its body is looked at all the same; what was reported is not said again.


@node
def parameters(x, y: Signl[int], *rest: int, k: Signal[float] = 1.0) -> Signal[int]:  # error: [E0201] # error: [E0202] # error: [E0205] "any number" # error: [E0205] "default"
    a = x + y.total() + rest[0] + k
    x = None
    return a + x + missing  # error: [E0101] "`missing`"


@node
def outputs(x: Signal[int]) -> Signl[int]:  # error: [E0204]
    set_output("a", x + None)  # error: [E0301]
    return x, missing  # error: [E0101]


@node
def states(x: Signal[int]) -> Signal[int]:
    a: State[int]  # error: [E0203] "no initial value"
    b: State[flot] = 1.0  # error: [E0203] "`flot`"
    c: State[int] = 0.5  # error: [E0203]
    a += x
    b += 1
    for b in range(3):
        c += None  # error: [E0301]
    return a + b + c


@node
def a_reported_name_hides_a_global(max) -> Signal[int]:  # error: [E0201]
    return max(1, 2) + max.width + None


@node
def once(x: Signal[int], y: Signal[int]) -> Signal[int]:
    a = *y  # error: [E0007]
    b = [*y]  # error: [E0401]
    return a

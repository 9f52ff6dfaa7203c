@node
def no_annotation(x) -> Signal[int]:  # error: [E0201]
    return 1


@node
def unknown_annotation(x: Signl[int]) -> Signal[int]:  # error: [E0202]
    return 1


@node
def no_return(x: Signal[int]):  # error: [E0204]
    return x


@node
def state_without_value(x: Signal[int]) -> Signal[int]:
    n: State[int]  # error: [E0203]
    return n


@node
def state_of_wrong_value(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0.5  # error: [E0203]
    return n


@node
def negative_state(x: Signal[int]) -> Signal[int]:
    n: State[int] = -1
    n += x
    return n

# What is allowed and hardly meant.


@node
def unused_input(x: Signal[int], y: Signal[int]) -> Signal[int]:  # warning: [W0101] "the input `y` is never read"
    return x


@node
def meant_inputs(x: Signal[int], y: Signal[int], _z: Signal[int]) -> Signal[int]:
    if y.ticked():
        return 1
    return x


@node
def inputs_read_by_position(x: Signal[int], y: Signal[int]) -> Signal[int]:
    return input_ticked[1]


@node
def assigned_input(x: Signal[int]) -> Signal[int]:  # warning: [W0101]
    x = 1
    return 2


@node
def unused_constant(x: Signal[int], k: int) -> Signal[int]:  # warning: [W0102] "`k`"
    return x


@node
def unused_states(x: Signal[int]) -> Signal[int]:
    a: State[int] = 0  # warning: [W0103] "the state `a` is never used"
    b: State[int] = 0  # warning: [W0103] "the state `b` is assigned, but never read"
    c: State[int] = 0
    _d: State[int] = 0
    b = x
    c += x
    return x


@node
def lifecycle(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    n = x
    return x


@lifecycle.stop
def at_the_end():
    m = n


@node
def after_return(x: Signal[int]) -> Signal[int]:
    if x > 1:
        return 1
    else:
        return 2
    return 3  # warning: [W0104]


@node
def in_loops(x: Signal[int]) -> Signal[int]:
    n = 0
    for i in range(x):
        if i == 3:
            break
            n = 1  # warning: [W0104]
        continue
        n = 2  # warning: [W0104]
    while True:
        n += 1
        if n > 5:
            break
    return n
    n = 3  # warning: [W0104]
    n = 4


@node
def endless(x: Signal[int]) -> Signal[int]:
    n = 0
    while True:
        n += 1
        if n > x:
            return n
    return 0  # warning: [W0104]


@node
def not_said_after_an_error(x: Signal[int], y: Signal[int]) -> Signal[int]:
    return unknown_name  # error: [E0101]

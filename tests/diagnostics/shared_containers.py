K = [1, 2]


def same(xs):
    return xs


def either(xs, ys, first):
    while True:
        if first:
            return xs
        if len(ys) > 2:
            break
        return [1]
    return ys


def with_length(xs):
    return (xs, len(xs))


def fresh(x):
    return [x], [x, x]


@node
def by_tuple(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    t = (a, x)
    b = t[0]  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_unpacking(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    t = (x, a)
    n, c = t
    b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b) + n


@node
def by_helper(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    b = same(a)  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_branches_of_a_helper(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    b = either([x], a, x > 0)  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_tuple_of_a_helper(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    b, n = with_length(a)  # error: [E0104] "the states `b` and `a` would hold one container"
    return n


@node
def by_match(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    match (a, x):
        case (c, n):
            b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_iteration(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    for c in (a, [x]):
        b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_the_next_round(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    c = [x]
    for i in range(2):
        a = c  # error: [E0104] "the states `a` and `b` would hold one container"
        c = b
    return len(a)


@node
def by_break(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    c = [x]
    while x > 0:
        if x > 1:
            c = a
            break
        c = [x]
        break
    b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_continue(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    c = [x]
    for i in range(3):
        if i > x:
            b = c  # error: [E0104] "the states `b` and `a` would hold one container"
        if i > 0:
            c = a
            continue
        c = [i]
    return len(b)


@node
def by_failure(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    c = [x]
    try:
        c = a
        x = c[7]
        c = [x]
    except IndexError:
        b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_finally(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    c = [x]
    try:
        c = a
        if x > 0:
            return 1
        c = [x]
    finally:
        b = c  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_walrus(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    n = len(c := a)
    b = c or [n]  # error: [E0104] "the states `b` and `a` would hold one container"
    return n


@node
def by_constant(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    a = K
    b = K  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def by_start(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    return len(a) + len(b)


@by_start.start
def begin():
    t = [1]
    a = t
    for c in (t, [2]):
        b = c  # error: [E0104] "the states `b` and `a` would hold one container"


@node
def apart(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    a, b = b, a
    a, b = fresh(x)
    t = (a, [x])
    b = t[1]
    a = t[0][1:]
    b = sorted(a)
    a, n = with_length([x])
    for i in range(4):
        c = [i]
        if i % 2 == 0:
            a = c
        else:
            b = c
    d = K
    a = d if x > 0 else [x]
    a = same(a)
    for v in (a, b):
        v.append(n)
    match (b, x):
        case (e, m):
            b = e
    return len(a) + len(b) + m

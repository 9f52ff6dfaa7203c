@node
def empty(x: Signal[int]) -> Signal[int]:
    xs = []  # error: [E0307] "what `xs` is to hold is not known"
    xs.append(x)
    return len(xs)


@node
def elements(x: Signal[int]) -> Signal[int]:
    xs = [x, "a"]  # error: [E0303] "a list holds values of one type"
    d = {x: 1, 2: "b"}  # error: [E0303] "a dict has values of one type"
    e = {1.5: x}  # error: [E0301] "`dict display` is not defined for float and int"
    n = [[x], [x]]  # error: [E0301] "`list display` is not defined for list[int] and list[int]"
    return x


@node
def methods(x: Signal[int]) -> Signal[int]:
    xs = [x]
    xs.push(x)  # error: [E0305] "list[int] has no method `push`"
    xs.append(x * 0.5)  # error: [E0304] "is not defined for list[int] and float"
    xs.insert(1)  # error: [E0304] "is not defined for list[int] and int"
    return xs + xs  # error: [E0301] "is not defined for list[int] and list[int]"


@node
def states(x: Signal[int]) -> Signal[int]:
    a: State[NumbaList] = create_new_list(int)
    b: State[list[int]] = []
    a = b  # error: [E0104] "the states `a` and `b` would hold one container"
    return len(a)


@node
def incomplete(x: Signal[int]) -> Signal[int]:
    a: State[NumbaList] = []  # error: [E0203] "the type of the state `a` is not complete"
    return x


@node
def times_and_truth(t: Signal[datetime], x: Signal[int]) -> Signal[int]:
    xs = create_new_list(int)
    xs.append(t)  # warning: [W0003] "counts nanoseconds"
    d = create_new_dict(int, int)
    d[t] = x  # warning: [W0003]
    seen = create_new_list(bool)
    seen.append(x)  # warning: [W0002]
    return xs[0] + d.get(t, 0) + seen[0]  # warning: [W0003]


@node
def aliased(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    first = a
    second = first if x > 0 else [x]
    b = second  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def moved_twice(x: Signal[int]) -> Signal[int]:
    a: State[dict[int, int]] = {}
    b: State[dict[int, int]] = {}
    entries = {x: 1}
    if x > 0:
        a = entries
    b = entries  # error: [E0104] "the states `b` and `a` would hold one container"
    return len(b)


@node
def moved_apart(x: Signal[int]) -> Signal[int]:
    a: State[list[int]] = []
    b: State[list[int]] = []
    entries = [x]
    if x > 0:
        a = entries
        return len(a)
    b = entries
    entries = [x, x]
    a = entries
    return len(b)

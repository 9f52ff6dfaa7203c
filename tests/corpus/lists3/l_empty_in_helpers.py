def firsts(n):
    xs: list[int] = []
    d: dict[int, float] = {}
    for i in range(n):
        xs.append(i)
        d[i % 3] = i * 0.5
    return xs[:1], len(xs) * 100 + len(d) * 10


@numba_node
def l_empty_in_helpers(x: Signal[int]) -> Signal[int]:
    kept: State[list[int]] = []
    some, n = firsts(x)
    kept.extend(some)
    return n + len(kept)


@l_empty_in_helpers.start
def begin():
    ones: list[int] = []
    ones.append(1)
    kept.extend(ones)


@l_empty_in_helpers.stop
def end():
    last: dict[int, int] = {}
    last[1] = 2
    kept.append(last[1])

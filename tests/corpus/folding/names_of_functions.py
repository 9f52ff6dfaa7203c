def doubled(value):
    return value * 2


@node
def names_of_functions(x: Signal[float]) -> Signal[float]:
    lowest = min
    root = math.sqrt
    twice = doubled
    total = 0.0
    for i in range(2):
        total += lowest(twice(x), 3.0, i + 2.0)
    return root(abs(total)) + x.conjugate()

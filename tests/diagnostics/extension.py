# extension: broken


@node
def f(x: Signal[int]) -> Signal[int]:
    return twice(x)  # error: [E0901] at "twice(x)"

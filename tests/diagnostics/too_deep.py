@node
def f(x: Signal[int]) -> Signal[int]:
    y = (
        (
# … 300 lines like the one before  # error: [E0003] "nested brackets" at "("
        )
# … 300 lines like the one before
    )
    return y


@node
def g(x: Signal[int]) -> Signal[int]:
    y = 1
# … 21000 lines like the one before  # error: [E0004] "statements in one function" at "y"
    return y

# error: [E0002] "bytes" at ""
@node
def f(x: Signal[int]) -> Signal[int]:
    return x
# … 400000 lines like the one before

# extension: broken
# compile: f


@node
def f(x: Signal[float]) -> Signal[float]:
    if x > 0:
        return x - mid_price()  # error: [E0604] "`mid_price`" at "mid_price()"
    return mid_price()

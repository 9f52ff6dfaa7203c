@node
def x_negative_power(x: Signal[int]) -> Signal[int]:
    return 2 ** x

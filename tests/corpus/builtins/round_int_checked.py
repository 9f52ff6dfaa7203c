@node
def round_int_checked(x: Signal[int], n: Signal[int]) -> Signal[int]:
    return round(x, n)

@node
def membership_order(x: Signal[int], low: Signal[int]) -> Signal[bool]:
    return 1 << x in range(1 // low, 9)

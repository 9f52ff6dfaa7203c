@numba_node
def c_first_previous(n: Signal[int]) -> Signal[int]:
    rises = 0
    first = True
    for i in range(n):
        v = (i * 7) % 5
        if first:
            first = False
        elif v > previous:
            rises += 1
        previous = v
    return rises

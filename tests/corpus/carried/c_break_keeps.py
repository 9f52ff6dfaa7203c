@numba_node
def c_break_keeps(n: Signal[int]) -> Signal[int]:
    i = 0
    while True:
        if i >= n:
            break
        last = i * i
        i += 1
    return last + 0 if n > 0 else 0

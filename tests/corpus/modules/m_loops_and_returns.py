LIMIT = 50

def first_above(start, step, limit=LIMIT):
    n = start
    while True:
        k = 0
        while k < step:
            k += 1
            n += k
            if n > limit:
                return n
        if step == 0:
            return -1.5

def unbound(x):
    for i in range(x):
        last = i * 2
    return last

@numba_node
def m_loops_and_returns(x: Signal[int], y: Signal[int]) -> Signal[float]:
    return first_above(x, y) + first_above(y, x, limit=10) + unbound(x)

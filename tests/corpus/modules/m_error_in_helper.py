def shifted(x, n):
    t = 0
    for i in range(3):
        t += x << (n - i)
    return t

def twice(x, n):
    return shifted(x, n) + shifted(n, n)

@numba_node
def m_error_in_helper(x: Signal[int], n: Signal[int]) -> Signal[int]:
    return twice(x, n) + 1

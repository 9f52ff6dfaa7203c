@numba_node
def m_factorial(n: Signal[int], b: Signal[bool]) -> Signal[int]:
    return math.factorial(n) - math.factorial(b) + math.factorial(5)

def max(a, b):
    return a * 100 + b

abs = 7

def pick(len):
    abs = len + 1
    return abs

@numba_node
def m_shadowing(x: Signal[int]) -> Signal[int]:
    min = x + 1
    return max(x, abs) + min + pick(x)

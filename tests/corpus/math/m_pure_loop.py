@numba_node
def m_pure_loop(n: Signal[int], x: Signal[float]) -> Signal[float]:
    rounds: State[int] = 0
    s = 0.0
    for i in range(n):
        s += math.exp(x) * i
        rounds += 1
    return s + rounds

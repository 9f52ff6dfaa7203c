START = 5

def grown(n):
    return n * 2 + 1

@numba_node
def m_lifecycle(x: Signal[int]) -> Signal[int]:
    n: State[int] = START
    seen: State[float] = 0.5
    n += x
    return n

@m_lifecycle.start
def prepare():
    i = 0
    while True:
        n = grown(n)
        i += 1
        if n > START * 10:
            return
        seen += i

@m_lifecycle.stop
def finish():
    n = -1

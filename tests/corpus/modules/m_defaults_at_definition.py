STEP = 2

def before(n, step=STEP):
    return n + step * STEP

STEP = 10

def after(n, *, step=STEP):
    return n + step

@numba_node
def m_defaults_at_definition(x: Signal[int]) -> Signal[int]:
    return before(x) * 1000 + after(x)

def nothing(x):
    y = x + 1

def ends(x):
    for i in range(x):
        if i == 3:
            return
        x += 1

@numba_node
def m_helper_without_result(x: Signal[int]) -> Signal[int]:
    nothing(x)
    ends(x)
    return x

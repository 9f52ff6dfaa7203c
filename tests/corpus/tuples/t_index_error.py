@numba_node
def t_index_error(x: Signal[int]) -> Signal[int]:
    t = (10, 20)
    return t[x]

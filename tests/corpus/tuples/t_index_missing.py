@numba_node
def t_index_missing(x: Signal[int]) -> Signal[int]:
    return (1, 2, 3).index(x)

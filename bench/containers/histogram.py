@numba_node
def node(x: Signal[int]) -> Signal[int]:
    counts: State[NumbaDict[int, int]] = create_new_dict(int, int)
    count = counts.get(x, 0) + 1
    counts[x] = count
    return count

@numba_node
def node(x: Signal[int]) -> Signal[int]:
    seen: State[NumbaDict[int, int]] = create_new_dict(int, int)
    if len(seen) >= 1000:
        seen.clear()
    if x not in seen:
        seen[x] = 1
    return len(seen)

@numba_node
def node(x: Signal[float]) -> Signal[float]:
    values: State[NumbaList[float]] = create_new_list(float)
    total: State[float] = 0.0
    values.append(x)
    total += x
    if len(values) > 100:
        total -= values.pop(0)
    return total

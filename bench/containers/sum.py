@numba_node
def node(x: Signal[float]) -> Signal[float]:
    values: State[NumbaList[float]] = create_new_list(float)
    while len(values) < 1000:
        values.append(x)
    values[0] = x
    total = 0.0
    for value in values:
        total += value
    return total

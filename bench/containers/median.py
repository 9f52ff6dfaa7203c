@numba_node
def node(x: Signal[float]) -> Signal[float]:
    window: State[NumbaList[float]] = create_new_list(float)
    window.append(x)
    if len(window) > 25:
        window.pop(0)
    ordered = create_new_list(float)
    for value in window:
        ordered.append(value)
    for i in range(1, len(ordered)):
        value = ordered[i]
        j = i - 1
        while j >= 0 and ordered[j] > value:
            ordered[j + 1] = ordered[j]
            j -= 1
        ordered[j + 1] = value
    return ordered[len(ordered) // 2]

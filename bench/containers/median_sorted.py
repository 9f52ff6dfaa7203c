@numba_node
def node(x: Signal[float]) -> Signal[float]:
    window: State[NumbaList[float]] = create_new_list(float)
    window.append(x)
    if len(window) > 25:
        window.pop(0)
    ordered = sorted(window)
    return ordered[len(ordered) // 2]

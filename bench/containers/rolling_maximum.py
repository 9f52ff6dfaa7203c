@numba_node
def node(x: Signal[float]) -> Signal[float]:
    values: State[NumbaList[float]] = create_new_list(float)
    times: State[NumbaList[int]] = create_new_list(int)
    now: State[int] = 0
    while len(values) > 0 and values[-1] <= x:
        values.pop()
        times.pop()
    values.append(x)
    times.append(now)
    if times[0] <= now - 100:
        values.pop(0)
        times.pop(0)
    now += 1
    return values[0]

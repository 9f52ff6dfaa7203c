@numba_node
def node(x: Signal[int]) -> Signal[int]:
    values: State[NumbaList[int]] = create_new_list(int)
    while len(values) < 64:
        values.append(0)
    seed = x
    for i in range(64):
        seed = (seed * 1103515245 + 12345) & 2147483647
        values[i] = seed
    for i in range(1, 64):
        value = values[i]
        j = i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
    return values[0] + values[32]

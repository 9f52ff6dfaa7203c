@numba_node
def node(x: Signal[int]) -> Signal[int]:
    flags: State[NumbaList[int]] = create_new_list(int)
    flags.clear()
    for i in range(1000):
        flags.append(1)
    count = 0
    for i in range(2, 1000):
        if flags[i] == 1:
            count += 1
            j = i * i
            while j < 1000:
                flags[j] = 0
                j += i
    return count + x

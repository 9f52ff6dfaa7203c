@numba_node
def l_sieve_of_any_size(x: Signal[int]) -> Signal[int]:
    flags: list[int] = []
    for i in range(x):
        flags.append(1)
    count = 0
    for i in range(2, x):
        if flags[i] == 1:
            count += 1
            j = i * i
            while j < x:
                flags[j] = 0
                j += i
    j = 1
    while j < x:
        flags[j] += j
        j *= 3
    return count * 1000 + sum(flags)

@numba_node
def d_aliases(x: Signal[int]) -> Signal[int]:
    s: State[NumbaDict] = create_new_dict(int, int)
    old = s
    if x % 3 == 0:
        s = create_new_dict(int, int)
    s[x] = 1
    old[x + 100] = 2
    a = {0: x}
    for i in range(30):
        b = a
        a = {i: x}
        b[i + 1000] = i
    return len(s) * 100 + len(old) * 10 + len(a)

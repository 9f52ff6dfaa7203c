@numba_node
def l_aliases(x: Signal[int]) -> Signal[int]:
    a = create_new_list(int)
    b = a
    for i in range(20):
        a.append(i + x)
        if i % 3 == 0:
            b = a
            a = create_new_list(int)
        elif i % 3 == 1:
            c = b
            b = a
            a = c
        a.append(i)
    t = len(a) * 1000 + len(b)
    for v in a:
        t = (t * 31 + v) % 1000003
    for v in b:
        t = (t * 31 + v) % 1000003
    a.append(-1)
    return t + len(b)

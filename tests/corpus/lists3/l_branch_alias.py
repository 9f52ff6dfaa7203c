@numba_node
def l_branch_alias(x: Signal[int]) -> Signal[int]:
    a = [1]
    b = [2, 3]
    if x > 0:
        c = a
    else:
        c = b
    c.append(x)
    d = a if x > 5 else b
    d.append(x)
    return len(a) * 100 + len(b) * 10 + c[-1] + d[0]

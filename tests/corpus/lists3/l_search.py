@numba_node
def l_search(x: Signal[int]) -> Signal[int]:
    xs: State[NumbaList] = create_new_list(int)
    t = 0
    if x in xs:
        t += 1
        t += xs.index(x) * 10
    if x not in xs:
        xs.append(x)
    return t + len(xs) * 1000 + xs.count(x)

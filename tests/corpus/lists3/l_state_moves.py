@numba_node
def l_state_moves(x: Signal[int]) -> Signal[int]:
    s: State[list[int]] = [1, 2]
    old = s
    new = [x]
    if x % 2 == 0:
        s = new
        old.append(1)
        new.append(x + 1)
    else:
        s.append(x)
    t = len(old) * 100 + len(s) * 10
    for v in s:
        t = (t * 31 + v) % 1000003
    if x == 7:
        s = []
    return t

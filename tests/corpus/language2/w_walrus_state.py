@numba_node
def w_walrus_state(x: Signal[int]) -> Signal[int]:
    s: State[int] = 3
    if (s := s + x) > 5 and (old := s):
        return old * 100 + (s := 1)
    return s

@node
def x_break_continue_finally(x: Signal[int]) -> Signal[int]:
    trace = 0
    for i in range(5):
        try:
            if i == x:
                continue
            if i == x + 2:
                break
            trace = trace * 10 + i
        finally:
            trace = trace * 10 + 7
    else:
        trace = -trace
    return trace

@node
def finally_in_loop(x: Signal[int]) -> Signal[float]:
    out = 0
    a = 1
    for i in range(x):
        try:
            try:
                if i == 2:
                    raise IndexError
                if i == 4:
                    continue
            finally:
                a = a / 2 if i < 5 else a
        except IndexError:
            out = out + a * 100
        out = out + a
    return out

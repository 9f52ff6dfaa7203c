@node
def row_walrus(x: Signal[int]) -> Signal[int]:
    if (y := x + 1) > 3:
        t = 0
        while (t := t + 1) < x:
            pass
        return t * 10 + y
    return y

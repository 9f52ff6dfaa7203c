@node
def row_while_else(x: Signal[int]) -> Signal[int]:
    i = 0
    s = 0
    while i < x:
        i += 1
        if i == 2:
            continue
        if i == 6:
            break
        s += i
    else:
        s += 1000
    return s

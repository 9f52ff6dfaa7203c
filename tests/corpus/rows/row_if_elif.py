@node
def row_if_elif(x: Signal[int]) -> Signal[int]:
    if x > 4:
        r = 1
    elif x > 2:
        r = 2
    elif x == 1:
        return
    else:
        r = 3
    return r

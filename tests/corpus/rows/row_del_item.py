@node
def row_del_item(x: Signal[int]) -> Signal[int]:
    d = {1: x, 2: 3}
    if x > 2:
        del d[2]
    return d[1] + len(d)

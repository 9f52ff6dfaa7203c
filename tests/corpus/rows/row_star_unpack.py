@node
def row_star_unpack(x: Signal[int]) -> Signal[int]:
    t = (x, 2, 3, 4)
    a, *b, c = t
    s = 0
    for v in b:
        s += v
    return a * 100 + s * 10 + c + len(b)

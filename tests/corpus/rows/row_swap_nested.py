@node
def row_swap_nested(x: Signal[int]) -> Signal[int]:
    a, b = x, x + 1
    a, b = b, a
    (c, (d, e)), f = (a, (b, 3)), 4
    g = h = x
    t = (a, b, c)
    u = t[0:2] + (d,)
    if t == u:
        return -1
    if t < u:
        return t[-1] * 100 + g
    return a * 1000 + b * 100 + c * 10 + d + e + f + g + h + u[-1] + len(u[::-1])

@node
def row_enumerate_zip(x: Signal[int]) -> Signal[int]:
    s = 0
    for i, v in enumerate((x, 2, 3)):
        s += i * v
    for i, v in enumerate((x, 2), start=5):
        s += i * v
    for a, b in zip((x, 2, 3), range(5)):
        s += a * b * 100
    for v in reversed((1, x, 3)):
        s = s * 3 + v
    for i, (a, b) in enumerate(zip((1, 2), (x, x))):
        s += i + a * b
    return s

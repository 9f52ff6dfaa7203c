@node
def row_print(x: Signal[int]) -> Signal[int]:
    print("x", x, sep="-")
    return x

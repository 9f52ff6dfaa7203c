@node
def row_input_assign(x: Signal[int]) -> Signal[int]:
    x = x + 1
    x += 1
    for x in range(3):
        pass
    return x

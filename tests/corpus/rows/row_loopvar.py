@node
def row_loopvar(x: Signal[int]) -> Signal[int]:
    for i in range(x):
        pass
    return i

@node
def row_ann_local(x: Signal[int]) -> Signal[int]:
    y: float = x
    return y // 2

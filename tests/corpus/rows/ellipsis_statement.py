@node
def ellipsis_statement(x: Signal[int]) -> Signal[int]:
    ...
    if x > 2:
        ...
    else:
        return x
    return x * 2

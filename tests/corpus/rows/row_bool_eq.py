@node
def row_bool_eq(b: Signal[bool]) -> Signal[int]:
    return (b == True) * 10 + (not b) * 2 + (b != False)

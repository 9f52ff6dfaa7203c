@node
def row_real(x: Signal[int]) -> Signal[int]:
    return x.real + x.imag

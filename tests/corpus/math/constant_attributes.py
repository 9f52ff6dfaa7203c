@node
def constant_attributes(x: Signal[float]) -> Annotated[Outputs, {"real": float, "imaginary": float}]:
    return math.tau.real + x, math.pi.imag

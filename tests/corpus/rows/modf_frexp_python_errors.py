@node
def modf_frexp_python_errors(y: Signal[float]) -> Signal[float]:
    try:
        return math.modf(y)[0] + math.frexp(y)[0]
    except ArithmeticError:
        return -1.0

@node
def pole_of_int_powers(x: Signal[float], n: Signal[int]) -> Annotated[Outputs, {"operator": float, "function": float}]:
    return x ** n, math.pow(x, n)

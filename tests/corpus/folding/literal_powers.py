@node
def literal_powers(x: Signal[float]) -> Annotated[Outputs, {"tick": float, "half": float, "grown": float, "rate": float}]:
    return x * 10 ** -2, 2 ** -1 + x, x + 1.1 ** 13, x * (1 + 0.05 / 12) ** 12

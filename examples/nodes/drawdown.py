"""How far a price stands below its highest value so far, and the deepest such fall."""


@node
def drawdown(price: Signal[float]) -> Annotated[Outputs, {"drawdown": float, "deepest": float}]:
    peak: State[float] = 0.0
    deepest: State[float] = 0.0
    if price > peak:
        peak = price
    fall = (peak - price) / peak
    set_output("drawdown", fall)
    if fall > deepest:
        deepest = fall
        set_output("deepest", deepest)

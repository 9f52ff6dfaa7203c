"""Nodes on decimals."""

from cfunc_example_decimal import Decimal


@node
def arithmetic(a: Signal[Decimal], b: Signal[Decimal]) -> Annotated[
    Outputs,
    {"sum": Decimal, "difference": Decimal, "product": Decimal, "negated": Decimal, "absolute": Decimal, "least": Decimal},
]:
    return a + b, a - b, a * b, -a, abs(a), min(a, b)


@node
def quotient(a: Signal[Decimal], b: Signal[Decimal]) -> Signal[Decimal]:
    return a / b


@node
def bill(price: Signal[Decimal], count: Signal[int], fee: Decimal) -> Annotated[
    Outputs, {"total": Decimal, "each": Decimal, "twice": Decimal, "less_one": Decimal}
]:
    total = count * price + fee
    return total, total / count, total * 2, total - 1


@node
def conversions(d: Signal[Decimal], n: Signal[int], x: Signal[float]) -> Annotated[
    Outputs, {"float": float, "int": int, "from_int": Decimal, "from_float": Decimal, "same": Decimal}
]:
    return float(d), int(d), Decimal(n), Decimal(x), Decimal(d)


@node
def comparisons(a: Signal[Decimal], n: Signal[int]) -> Annotated[
    Outputs, {"less": bool, "less_or_equal": bool, "equal": bool, "not_equal": bool, "greater": bool, "true": bool}
]:
    return a < n, a <= n, a == n, n != a, n < a, not not a


@node
def joined(a: Signal[Decimal], n: Signal[int]) -> Signal[Decimal]:
    if a > n:
        best = a
    else:
        best = n
    return best


@node
def balance(change: Signal[Decimal]) -> Signal[Decimal]:
    held: State[Decimal] = -Decimal("10.5") / 4 + 1
    limit = Decimal("0.1") * 30
    held += change
    if held > limit:
        held = limit
    if not Decimal(0):
        return held


@node
def as_float(a: Signal[Decimal]) -> Signal[float]:
    return a

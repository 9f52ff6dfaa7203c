def cached(function):
    return function

@cached
def twice(x):
    return 2 * x

@cached
def shifted(x: int, by: int = 3) -> int:
    return twice(x) + by

@numba_node
def m_decorated_helpers(x: Signal[int], y: Signal[float]) -> Annotated[Outputs, {"i": int, "f": float}]:
    return shifted(x) + shifted(x, by=x), twice(y)

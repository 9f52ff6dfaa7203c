"""Nodes that call functions of any number of arguments, and of arguments by name."""

from cfunc_example_variadic import clamp, clamp_all, maximum


@node
def greatest(a: Signal[int], b: Signal[int], x: Signal[float]) -> Annotated[
    Outputs, {"one": int, "two": int, "mixed": float, "truth": int, "many": float}
]:
    return maximum(a), maximum(a, b), maximum(a, x, b), maximum(a > 0, b > 0), maximum(x, 0, a, -1.5, b, x * x, True)


@node
def sums(lo: Signal[float], x: Signal[float], n: Signal[int]) -> Annotated[
    Outputs, {"none": float, "one": float, "three": float}
]:
    return clamp_all(lo, 5), clamp_all(lo, 5, x), clamp_all(lo, 5, x, n, -x)


@node
def bounds(x: Signal[float], lo: Signal[float]) -> Annotated[
    Outputs, {"unit": float, "lo": float, "hi": float, "both": float, "named": float}
]:
    return clamp(x), clamp(x, lo), clamp(x, hi=10), clamp(x, lo, hi=2 * lo), clamp(hi=lo, lo=-1, x=x)

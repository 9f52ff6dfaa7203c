@node
def modf_frexp_ints(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": int, "c": float, "d": float, "e": float}]:
    m, e = math.frexp(x)
    f, i = math.modf(x > 2)
    t = math.modf(m)
    return m, e, f, i, t[0] + t[1] + math.frexp(e)[0]

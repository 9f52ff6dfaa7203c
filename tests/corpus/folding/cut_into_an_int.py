@node
def cut_into_an_int(x: Signal[int], scale: float) -> Annotated[Outputs, {"a": int, "b": int}]:
    return 1.5 * 3, scale * 2.0

@node
def row_multi_out(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int}]:
    set_output("a", x)
    if x > 2:
        return x + 1, None
    return None, x

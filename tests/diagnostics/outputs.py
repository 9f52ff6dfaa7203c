@node
def too_many(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int}]:
    return x, x, x  # error: [E0501]


@node
def unknown_output(x: Signal[int]) -> Annotated[Outputs, {"high": int, "low": int}]:
    set_output("hihg", x)  # error: [E0502]


@node
def computed_name(x: Signal[int]) -> Annotated[Outputs, {"high": int, "low": int}]:
    set_output(x, x)  # error: [E0503]


@node
def fewer(x: Signal[int]) -> Annotated[Outputs, {"high": int, "low": int}]:
    return x  # warning: [W0004]

@node
def left_to_run_time(x: Signal[int], shift: int) -> Annotated[Outputs, {"a": float, "b": int, "c": float, "d": int, "e": int}]:
    base = 1.1
    count = -1
    try:
        shifted = 1 << shift
    except ValueError:
        shifted = 77
    return base ** 13 + x, 10 ** count + x, 1 / 0 + x, x + 7 // 0, shifted

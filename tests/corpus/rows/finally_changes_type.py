@node
def finally_changes_type(x: Signal[int]) -> Signal[float]:
    out = 0
    try:
        try:
            out = out * 3 + x
            if x > 2:
                raise ValueError
        finally:
            out = out * 3 + 0.5
        out = out + 100
    except KeyError:
        out = -1.0
    except ValueError:
        out = out * 2
    return out

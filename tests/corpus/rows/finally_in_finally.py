@node
def finally_in_finally(x: Signal[int]) -> Signal[int]:
    b = x
    out = 0
    try:
        try:
            try:
                if x > 1:
                    raise KeyError
            finally:
                b = x > 2
        finally:
            out = out * 2 + b
    except LookupError:
        return out * 100 + b
    return out * 10 + b

@node
def row_try_bare(x: Signal[int]) -> Signal[int]:
    r = 0
    try:
        try:
            if x > 2:
                raise ValueError("m")
            r = 1
        finally:
            r += 10
    except:
        r += 100
    return r

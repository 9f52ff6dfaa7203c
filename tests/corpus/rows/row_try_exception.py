@node
def row_try_exception(x: Signal[int]) -> Signal[int]:
    try:
        if x > 2:
            raise ValueError("m")
        return 1
    except Exception as e:
        if x > 5:
            raise e
        if x > 3:
            raise
        return 2

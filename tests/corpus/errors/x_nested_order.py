@node
def x_nested_order(x: Signal[int]) -> Signal[int]:
    trace: State[int] = 0
    trace = 0
    try:
        trace = trace * 10 + 1
        try:
            trace = trace * 10 + 2
            if x == 1:
                raise KeyError("k")
            if x == 2:
                raise ValueError("v")
            if x == 3:
                raise TypeError("t")
            trace = trace * 10 + 3
        except KeyError:
            trace = trace * 10 + 4
            if x == 1:
                raise ValueError("from handler")
        else:
            trace = trace * 10 + 5
            if x == 4:
                raise KeyError("from else")
        finally:
            trace = trace * 10 + 6
            if x == 5:
                raise TypeError("from finally")
        trace = trace * 10 + 7
    except ValueError:
        trace = trace * 10 + 8
    finally:
        trace = trace * 10 + 9
    return trace

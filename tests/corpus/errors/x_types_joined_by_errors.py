@numba_node
def x_types_joined_by_errors(x: Signal[int]) -> Annotated[Outputs, {"a": float, "b": float, "c": int}]:
    t = 1
    u = x
    try:
        a = 10 // 1
        if x == 0:
            raise ValueError
        t = 2.5
        u = x * 0.5
        if x == 1:
            raise ValueError
        t = 3
        if x == 2:
            raise KeyError
        t = True
        if x == 3:
            raise KeyError
    except ValueError:
        a = t + u
    except KeyError:
        a = t * 100 + u
    else:
        a = t
    finally:
        t = t + 1
        c = 7 if u > 1 else 8
    return a, t, c

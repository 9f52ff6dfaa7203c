@node
def x_reraise(x: Signal[int]) -> Signal[int]:
    seen = 0
    try:
        try:
            if x == 1:
                raise KeyError("one")
            if x > 1:
                raise ValueError("many")
        except KeyError as e:
            seen += 1
            raise e
        except Exception:
            seen += 2
            try:
                if x == 3:
                    raise TypeError("inner")
            except TypeError:
                seen += 4
            raise
    except LookupError:
        seen += 10
    except ValueError as first:
        seen += 20
        try:
            if x == 4:
                raise KeyError("second")
        except KeyError as second:
            seen += 100
            raise first
    return seen

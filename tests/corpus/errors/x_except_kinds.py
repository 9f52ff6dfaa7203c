@node
def x_except_kinds(x: Signal[int]) -> Signal[int]:
    try:
        if x == 1:
            raise ValueError("v")
        if x == 2:
            raise KeyError("k")
        if x == 3:
            raise IndexError("i")
        if x == 4:
            raise ZeroDivisionError("z")
        if x == 5:
            raise NotImplementedError
        if x == 6:
            raise AttributeError("a")
        assert x != 7
        if x == 8:
            raise MemoryError
        if x == 9:
            raise TimeoutError("t")
    except (ValueError, KeyError):
        return 10
    except LookupError:
        return 20
    except ArithmeticError:
        return 30
    except RuntimeError as e:
        return 40
    except AssertionError:
        return 50
    except OSError:
        return 60
    return x

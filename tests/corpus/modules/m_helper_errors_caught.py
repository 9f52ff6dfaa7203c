def checked(n):
    if n < 0:
        raise ValueError("negative")
    assert n < 100, "too large"
    return n * 2

def guarded(n):
    total = 0
    try:
        total += 1
        total += checked(n)
    except ValueError:
        return -total
    finally:
        total += 1000
    return total

def last_word(n):
    try:
        return checked(n)
    except AssertionError:
        return 7
    finally:
        n += 1

def overridden(n):
    while True:
        try:
            return n
        finally:
            n += 5
            if n % 2 == 0:
                break
    return n * 100

@numba_node
def m_helper_errors_caught(x: Signal[int]) -> Signal[int]:
    r = 0
    try:
        r = guarded(x) * 10 + last_word(x)
    except ValueError:
        r = -1
    return r + overridden(x)

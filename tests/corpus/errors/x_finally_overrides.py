@node
def x_finally_overrides(x: Signal[int]) -> Signal[int]:
    count = 0
    while True:
        count += 1
        try:
            if x == 0:
                return 1
            if x == 1:
                raise ValueError("lost")
            if x == 2:
                return 100 + count
        finally:
            if x == 0:
                return 2
            if x == 1:
                break
            if x == 2 and count < 3:
                continue
        if count > 4:
            break
    return count

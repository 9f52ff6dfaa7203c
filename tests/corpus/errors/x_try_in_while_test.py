@node
def x_try_in_while_test(x: Signal[int]) -> Signal[int]:
    limit: State[int] = 3
    tries = 0
    while tries < 10:
        tries += 1
        try:
            if tries < limit:
                raise TimeoutError("again")
            if x == 1:
                raise ValueError("no")
            break
        except TimeoutError:
            continue
        except ValueError:
            limit += 1
            return -tries
    return tries

@node
def x_return_finally(x: Signal[int]) -> Signal[int]:
    after: State[int] = 0
    for i in range(3):
        try:
            for k in range(4):
                try:
                    if k == 2 and x == 1:
                        return i * 10 + k
                    if k == 1 and x == 2:
                        break
                    if x == 3 and i == 1:
                        raise KeyError("stop")
                finally:
                    after += 1
            else:
                after += 100
            if x == 4:
                return after
        finally:
            after += 10
            if x == 4:
                after += 1000
    return after

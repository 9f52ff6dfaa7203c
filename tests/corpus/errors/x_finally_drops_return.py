@node
def x_finally_drops_return(x: Signal[int]) -> Signal[int]:
    for i in range(2):
        try:
            return x + i
        finally:
            if x < 5:
                break
            x = 50
    if x == 1:
        return 7

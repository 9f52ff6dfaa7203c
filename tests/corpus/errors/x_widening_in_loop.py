@node
def x_widening_in_loop(x: Signal[int]) -> Signal[float]:
    total = 0
    for i in range(4):
        try:
            if i == x:
                raise ValueError("skip")
            total = total + i * 0.5
        except ValueError:
            total = total + 100
        finally:
            total = total + 1
    return total

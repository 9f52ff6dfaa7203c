@node
def x_types_at_handler(x: Signal[int], y: Signal[float]) -> Signal[float]:
    total = 1
    try:
        assert x > 0
        total = y / 2
        assert x > 1
        late = y
    except AssertionError:
        late = 0.25
        total = 5
    return total + late

@numba_node
def node(x: Signal[int]) -> Signal[int]:
    weights: State[NumbaDict[int, int]] = create_new_dict(int, int)
    while len(weights) < 1000:
        size = len(weights)
        weights[size * 7919] = size
    weights[0] = x
    total = 0
    for key, weight in weights.items():
        total += key * weight
    return total

"""A Kalman filter of 12 states: place, speed, acceleration and jerk along three axes, measured one axis at a time."""

@numba_node
def kalman(axis: Signal[int], z: Signal[float], noise: float, drift: float) -> Signal[float]:
    x: State[NumbaList[float]] = create_new_list(float)
    p: State[NumbaList[float]] = create_new_list(float)
    f: State[NumbaList[float]] = create_new_list(float)
    product: State[NumbaList[float]] = create_new_list(float)
    gain: State[NumbaList[float]] = create_new_list(float)
    if len(x) == 0:
        for i in range(12):
            x.append(0.0)
            gain.append(0.0)
            for j in range(12):
                p.append(10.0 if i == j else 0.0)
                product.append(0.0)
                weight = 0.0
                if i // 4 == j // 4 and j >= i:
                    weight = 1.0
                    for k in range(j - i):
                        weight = weight * 0.01 / (k + 1.0)
                f.append(weight)
    # The state moves on: x = F x.
    for i in range(12):
        total = 0.0
        for j in range(12):
            total += f[i * 12 + j] * x[j]
        gain[i] = total
    for i in range(12):
        x[i] = gain[i]
    # Its covariance: P = F P F' + Q.
    for i in range(12):
        for j in range(12):
            total = 0.0
            for k in range(12):
                total += f[i * 12 + k] * p[k * 12 + j]
            product[i * 12 + j] = total
    for i in range(12):
        for j in range(12):
            total = 0.0
            for k in range(12):
                total += product[i * 12 + k] * f[j * 12 + k]
            p[i * 12 + j] = total
        p[i * 12 + i] += drift
    # What was measured is the place along one axis.
    at = axis * 4
    innovation = z - x[at]
    scale = p[at * 12 + at] + noise
    for i in range(12):
        gain[i] = p[i * 12 + at] / scale
    for i in range(12):
        x[i] += gain[i] * innovation
    for j in range(12):
        product[j] = p[at * 12 + j]
    for i in range(12):
        for j in range(12):
            p[i * 12 + j] -= gain[i] * product[j]
    return x[at]

def total(a, b, *, weight=2, sign=-1):
    return outer(a) * weight + b * sign

def outer(v):
    return inner(v + 1) + inner(v)

def inner(v):
    return half(v) if v > 10 else v

def half(v):
    return v / 2

def describe(mode, v):
    if mode == "double":
        return v * 2
    elif mode == "triple":
        return v * 3
    return v

@numba_node
def m_helpers_typed_per_call(x: Signal[int], y: Signal[float]) -> Signal[float]:
    a = total(x, y) + total(y, 1, sign=2, weight=x)
    b = total(b=x, a=True)
    return a + b + describe("double", x) + describe("triple", y) + describe("none", 1)

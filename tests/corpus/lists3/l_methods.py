@numba_node
def l_methods(x: Signal[int]) -> Signal[int]:
    xs = [5, 3, x, 3, 9]
    xs.insert(1, 100)
    xs.insert(-1, 200)
    xs.insert(1000, 300)
    xs.insert(-1000, 400)
    xs.remove(3)
    t = xs.index(3) * 1000 + xs.count(3) * 100 + xs.count(77)
    xs.extend([x, x + 1])
    xs.extend(xs)
    xs.extend(range(3))
    xs.reverse()
    del xs[0]
    del xs[-2]
    for v in xs:
        t = (t * 31 + v) % 1000003
    ys = xs.copy()
    ys.append(1)
    t = t * 2 + (ys == xs)
    ys.pop()
    t = t * 2 + (ys == xs)
    t = t * 2 + (ys != xs)
    xs.clear()
    if not xs and ys:
        t += 1
    return t + len(xs) + len(ys)

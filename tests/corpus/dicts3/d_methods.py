@numba_node
def d_methods(x: Signal[int]) -> Signal[int]:
    d = {1: 10, x: 20, 3: 30}
    t = len(d)
    t = t * 100 + d.get(1, 5) + d.get(99, 7)
    t += d.setdefault(3, 4) + d.setdefault(50, 60)
    t += d.pop(3) + d.pop(12345, 9)
    d[7] = 70
    d[7] += x
    d[1] *= 2
    e = d.copy()
    e[8] = 80
    t = t * 2 + (d == e)
    d.update(e)
    t = t * 2 + (d == e)
    t = t * 2 + (d != e)
    del d[8]
    k, v = d.popitem()
    t += k * 3 + v
    for a in d:
        t = (t * 31 + a) % 1000003
    for b in d.values():
        t = (t * 31 + b) % 1000003
    for a, b in d.items():
        t = (t * 31 + a * b) % 1000003
    for a in d.keys():
        t = (t * 31 + a) % 1000003
    if x in d and x in d.keys():
        t += 1
    if 4242 not in d:
        t += 1
    d.clear()
    if not d and e:
        t += 1
    return t + len(d) + len(e) + len(e.values())

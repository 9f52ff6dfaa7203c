@numba_node
def w_strings(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int}]:
    s = 'abc'
    t = 'abd' if x > 0 else 'äbc'
    e = '' if x > 3 else 'x'
    a = (s == t) + (s != t) * 2 + (s < t) * 4 + (s <= 'abc') * 8 + (t > s) * 16 + (t >= 'b') * 32 + ('ab' < s) * 64
    b = len(s) + len(t) * 10 + len(e) * 100 + len('naïve') * 1000
    c = (1 if e else 2) + (10 if s in ('x', 'abc') else 20) + (100 if (x, s) == (1, 'abc') else 200) + ord('a') * 1000
    return a, b, c

@numba_node
def w_walrus_places(x: Signal[int]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "d": int}]:
    a = 0
    if (y := x + 1) > 2:
        a = y
    elif (y := y * 10) > 10 and (z := y // 2) > 5:
        a = z
    b = 0
    while (n := b * 2 + 1) < x and (m := n + 1) != 8:
        b = m
    c = (p := x * 2) + p + (x := x + 1) * x
    t = ((q := x), q + 1, (r := q * 2.5))
    d = t[1] + (s := 3) ** 2 - s if (u := x) > 3 else (s := u)
    return a + y, b * 100 + n, c + p, d + s + int(r) + (1 if 0 < (v := x) < (w := 7) and w > v else 2)

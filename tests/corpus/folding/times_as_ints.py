@node
def times_as_ints(t: Signal[datetime], d: Signal[timedelta]) -> Annotated[Outputs, {"a": int, "b": int, "c": int, "e": int}]:
    xs = create_new_list(int)
    xs.append(t)
    xs.append(d)
    xs.insert(0, t - t)
    xs[0] = d
    seen = create_new_dict(int, int)
    seen[t] = d
    seen[7] = t
    return xs[0] + xs.count(d), xs.index(t) + (t in xs), (t in seen) + seen.get(d, 5), seen[7] - seen[t]

def kept(x: Signal[float]) -> Signal[float]:
    series: State[Series] = None
    series = series or Series()
    series.append(x)
    return series.mean


def churned(n: Signal[int]) -> Signal[int]:
    a = Series()
    total = 0
    for i in range(n):
        b = a
        a = Series()
        a.append(1.0)
        b.append(2.0)
        total += len(a) + len(b)
    return total


def replaced(x: Signal[float]) -> Annotated[Outputs, {"old": int, "new": int, "same": bool}]:
    series: State[Series] = None
    series = series or Series()
    series.append(x)
    old = series
    if x > 2.0:
        series = Series()
    old.append(x)
    return len(old), len(series), old is series


def chosen(x: Signal[float]) -> Signal[float]:
    low = Series()
    low.append(1.0)
    high = Series() + low
    high.append(x)
    picked = low if x < 0.0 else high
    if x > 10.0:
        picked = picked + low
    elif x > 5.0:
        low = picked
    return picked.mean + low.mean


def published(x: Signal[float]) -> Signal[Series]:
    series: State[Series] = None
    if x < 0.0:
        return
    series = series or Series()
    series.append(x)
    if x > 100.0:
        return series + series
    return series


def failing(x: Signal[float], i: Signal[int]) -> Signal[float]:
    a = Series()
    a.append(x)
    b = a + a
    return (a + b)[i] + (b + Series())[i]


def rebound(x: Signal[float]) -> Signal[float]:
    series = Series()
    series.append(x)
    series.append(x + 1.0)
    total = 0.0
    for value in series:
        series = Series()
        series.append(value)
        total += value
        if total > 100.0:
            break
    return total + series.mean


def tested(x: Signal[float]) -> Signal[int]:
    count = 0
    while len(Series() + Series()) == 0 and count < x:
        count += 1
        if len(Series()) > 0:
            continue
    return count


def unbound(x: Signal[float]) -> Signal[float]:
    if x > 0.0:
        series = Series()
        series.append(x)
    return series.mean


def caught(x: Signal[float], i: Signal[int]) -> Signal[float]:
    series: State[Series] = None
    total = 0.0
    for round in range(3):
        fresh = Series()
        fresh.append(x)
        try:
            joined = fresh + fresh + fresh
            total += (joined + Series())[i + round]
            series = joined
        except IndexError:
            total += (fresh + fresh).mean
            continue
        finally:
            fresh = Series() + fresh
            total += fresh.mean
            if total > 1000.0:
                return total
    try:
        return total + series[i + 100]
    except (ValueError, IndexError):
        return total


def pairs(n: Signal[int]) -> Signal[int]:
    pair = (Series(), Series())
    total = 0
    for i in range(n):
        first, second = pair
        first.append(1.0)
        pair = (second + first, first)
        total += len(pair[0])
    return total + len(pair[1])


def single(x):
    series = Series()
    series.append(x)
    return series


def positive(x):
    if x > 0.0:
        return single(x)
    return None


def optional(x: Signal[float]) -> Signal[float]:
    chosen = single(x) if x > 1.0 else None
    found = positive(x)
    total = 0.0
    for i in range(3):
        if found is not None:
            total += found.mean
            chosen = found
            found = None
        elif chosen is not None:
            total += 10.0 * chosen.mean
            found = chosen + chosen
            chosen = None
    return total


def pair_of(x):
    series = single(x)
    return series, series + series


def guarded(x: Signal[float], i: Signal[int]) -> Signal[float]:
    total = 0.0
    kept = (Series(), None)
    for round in range(3):
        try:
            first, second = pair_of(x)
            maybe = first if i > 1 else None
            total += second[i + round]
            kept = (second, maybe)
        except IndexError:
            kept = (pair_of(x)[1], positive(x))
            if i > 5:
                raise
        finally:
            total += 100.0 * len(kept[0])
    rest = kept[1]
    if rest is None:
        return total
    return total + rest.mean

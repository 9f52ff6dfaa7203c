"""Nodes on records of the host."""

from cfunc_example_record_pointer import Quote


@node
def shown(quote: Signal[Quote]) -> Annotated[
    Outputs, {"spread": float, "mid": float, "volume": int, "venue": int, "orders": int, "halted": bool}
]:
    return quote.ask - quote.bid, quote.mid, quote.volume, quote.venue, quote.orders, quote.halted


@node
def filled(quote: Signal[Quote], size: Signal[int]) -> Signal[int]:
    quote.volume -= size
    quote.orders = quote.orders - 1
    if quote.volume <= 0:
        quote.halted = True
        quote.bid = 0
    return quote.volume


@node
def better(a: Signal[Quote], b: Signal[Quote]) -> Annotated[Outputs, {"bid": float, "first": bool, "quote": Quote}]:
    best = a
    if b.bid > a.bid:
        best = b
    return best.bid, best is a, best


@node
def set_orders(quote: Signal[Quote], count: Signal[int]) -> Signal[int]:
    quote.orders = count
    return quote.orders


@node
def swept(ladder: Signal[Ladder], price: Signal[float]) -> Annotated[
    Outputs, {"total": float, "levels": int, "known": bool, "first": float, "tick": float, "venue": int}
]:
    known = price in ladder
    total = 0.0
    for level in ladder:
        total += level
    if ladder:
        ladder[0] += 0.5
        del ladder[len(ladder) - 1]
    return total, len(ladder), known, ladder(0), tick_size(price), venue_of(len(ladder))

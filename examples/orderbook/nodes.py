"""Nodes on order books and trades."""

from datetime import timedelta

from cfunc_example_orderbook import Bar, Ledger, OrderBook, OrderFlag, Quote, Side, Trade, opening


def imbalance(book: Ts[OrderBook], levels: int) -> Ts[float]:
    """How much more is bid than asked on the best levels, from -1 to 1."""
    bid = 0
    ask = 0
    for i in range(levels):
        bid += book.bid_size(i)
        ask += book.ask_size(i)
    if bid + ask == 0:
        return
    return (bid - ask) / (bid + ask)


def microprice(book: Ts[OrderBook]) -> Ts[float]:
    """The middle of the best prices, nearer to the side on which less is offered."""
    if book.depth(Side.BUY) == 0 or book.depth(Side.SELL) == 0:
        return
    bid = book.bid(0)
    ask = book.ask(0)
    return (bid.price * ask.size + ask.price * bid.size) / (bid.size + ask.size)


def sweeps(trade: Ts[Trade], window: timedelta, least: int) -> Annotated[
    Outputs, {"side": Side, "levels": int, "volume": int, "block": bool}
]:
    """Trades in one direction, each beyond the price of the one before, close together."""
    last: State[Trade] = Trade()
    flags: State[EnumSet[OrderFlag]] = EnumSet(OrderFlag)
    levels: State[int] = 0
    volume: State[int] = 0
    is_near = trade.side is last.side and trade.time - last.time <= window
    is_beyond = trade.price > last.price if trade.side is Side.BUY else trade.price < last.price
    if not (is_near and is_beyond):
        levels = 0
        volume = 0
        flags.clear()
    levels += 1
    volume += trade.size
    flags |= trade.flags
    last = trade
    if levels < least:
        return
    return trade.side, levels, volume, OrderFlag.BLOCK in flags


def bars(trade: Ts[Trade], length: timedelta) -> Annotated[Outputs, {"bar": Bar, "average": float}]:
    """The trades of each span of time, when the next one begins; spans without trades give none."""
    bar: State[Bar] = Bar()
    turnover: State[float] = 0.0
    if bar.trades > 0 and trade.time - bar.start >= length:
        set_output("bar", bar)
        set_output("average", turnover / bar.volume)
        bar.trades = 0
    if bar.trades == 0:
        start = trade.time - (trade.time - opening()) % length
        bar = Bar(start=start, open=trade.price, high=trade.price, low=trade.price)
        turnover = 0.0
    bar.high = max(bar.high, trade.price)
    bar.low = min(bar.low, trade.price)
    bar.close = trade.price
    bar.volume += trade.size
    if trade.side is Side.BUY:
        bar.bought += trade.size
    bar.trades += 1
    bar.flags |= trade.flags
    turnover += trade.price * trade.size


def maker(
    books: Basket[Ts[OrderBook], "AAPL", "MSFT", "IBM"],
    trade: Ts[Trade],
    symbol: Ts[int],
    edge: float,
    limit: int,
    ledger: Ledger,
) -> Annotated[Outputs, {"quote": Quote, "position": int, "lead": float}]:
    """Offers to buy and sell around the middle of each book, less on the side of which it has much."""
    quotes: State[list[Quote]] = []
    positions: State[list[int]] = []
    cash: State[float] = 0.0
    i = symbol.last
    if trade.ticked and OrderFlag.HIDDEN not in trade.flags:
        mine = quotes[i]
        if trade.side is Side.SELL and trade.price <= mine.bid:
            size = min(trade.size, mine.bid_size)
            positions[i] += size
            cash -= size * mine.bid
        elif trade.side is Side.BUY and trade.price >= mine.ask:
            size = min(trade.size, mine.ask_size)
            positions[i] -= size
            cash += size * mine.ask
    book = books[i]
    middle = (book.bid(0).price + book.ask(0).price) / 2
    shift = edge * positions[i] / limit
    quotes[i] = Quote(
        bid=middle - edge - shift,
        ask=middle + edge - shift,
        bid_size=max(0, min(100, limit - positions[i])),
        ask_size=max(0, min(100, limit + positions[i])),
    )
    lead = books["AAPL"].bid(0).price / books["MSFT"].bid(0).price
    return quotes[i], positions[i], lead


@maker.start
def _():
    for _ in range(len(books)):
        quotes.append(Quote())
        positions.append(0)


@maker.stop
def _():
    for position in positions:
        ledger.settle(position)

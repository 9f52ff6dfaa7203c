"""How much more is bid than asked near the middle of a book that is the host's, asked through its functions."""


def imbalance(book: Signal[OrderBook], levels: int) -> Signal[float]:
    bid = 0
    ask = 0
    for i in range(levels):
        bid += book.bid_size(i)
        ask += book.ask_size(i)
    if bid + ask == 0:
        return
    return (bid - ask) / (bid + ask)

"""The structs of the host as CPython has them: fields with their defaults. Nodes import them as `cfunc_bench`."""

from dataclasses import dataclass
from datetime import datetime, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(slots=True)
class Bar:
    """The trades of a span of time."""

    start: datetime = EPOCH
    open: float = 0.0
    high: float = 0.0
    low: float = 0.0
    close: float = 0.0
    volume: int = 0
    trades: int = 0


@dataclass(slots=True)
class Account:
    """What was gained and lost."""

    day: int = 0
    realised: float = 0.0
    fees: float = 0.0
    carried: float = 0.0
    orders: int = 0
    wins: int = 0
    losses: int = 0
    streak: int = 0
    halted: bool = False


@dataclass(slots=True)
class Risk:
    """What may be lost."""

    peak: float = 0.0
    peaked: datetime = EPOCH
    drawdown: float = 0.0
    gross: float = 0.0
    spread: float = 0.0


class OrderBook:
    """The sizes of a book by level, in the place of the host's object."""

    __slots__ = ("bids", "asks")

    def __init__(self, sizes):
        self.bids, self.asks = sizes[::2], sizes[1::2]

    def bid_size(self, index):
        """How much is bid on a level."""
        return self.bids[index] if index < len(self.bids) else 0

    def ask_size(self, index):
        """How much is asked on a level."""
        return self.asks[index] if index < len(self.asks) else 0

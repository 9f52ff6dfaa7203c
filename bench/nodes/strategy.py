"""A strategy on the trades of many symbols: bars, momentum, positions with limits, an account with losses that stop it."""

import math
from datetime import datetime, timedelta, timezone

from cfunc_bench import Account, Bar, Risk

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
OPENING = timedelta(hours=9, minutes=30)
CLOSING = timedelta(hours=16)
LAST_ENTRY = timedelta(hours=15, minutes=45)
PAUSE = timedelta(seconds=30)
SPAN = timedelta(minutes=1)

FAST = 0.2
SLOW = 0.02
ENTRY = 1.0
EXIT = 0.25
LOT = 100
FEE = 0.0002
SLIPPAGE = 0.0001
MOST_LOST = 0.02
WARM_UP = 8


def average(before, value, weight):
    """The moving average after a value."""
    return before + weight * (value - before)


def clamp(value, least, most):
    """The nearest value within bounds."""
    return max(least, min(most, value))


def sign(value):
    """The direction of a number."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    return 0


def wanted(score, position, limit):
    """The position that a score asks for."""
    if score > ENTRY:
        return limit
    if score < -ENTRY:
        return -limit
    if abs(score) < EXIT:
        return 0
    return position


def lots(order):
    """An order in whole lots, nearer to nothing."""
    return sign(order) * (abs(order) // LOT) * LOT


def book(account, profit):
    """Counts a gain or loss in the account."""
    account.realised += profit
    if profit > 0.0:
        account.wins += 1
        account.streak = max(account.streak, 0) + 1
    elif profit < 0.0:
        account.losses += 1
        account.streak = min(account.streak, 0) - 1


def strategy(
    time: Signal[datetime], symbol: Signal[int], price: Signal[float], size: Signal[int], capital: float, limit: int
) -> Annotated[Outputs, {"order": int, "equity": float, "score": float, "spread": float, "busiest": int}]:
    """Follows the momentum of each symbol."""
    bar: State[Bar] = Bar()
    account: State[Account] = Account()
    risk: State[Risk] = Risk()
    positions: State[dict[int, int]] = {}
    costs: State[dict[int, float]] = {}
    prices: State[dict[int, float]] = {}
    fast: State[dict[int, float]] = {}
    slow: State[dict[int, float]] = {}
    variances: State[dict[int, float]] = {}
    counts: State[dict[int, int]] = {}
    traded: State[dict[int, datetime]] = {}
    volumes: State[dict[int, int]] = {}

    # A new day begins with a new account of the day.
    clock = (time - EPOCH) % DAY
    day = (time - EPOCH).days
    if day != account.day:
        if account.day > 0:
            account.carried += account.realised - account.fees
        account.day = day
        account.realised = 0.0
        account.fees = 0.0
        account.orders = 0
        account.streak = 0
        account.halted = False
        risk.peak = 0.0
        risk.drawdown = 0.0
        volumes.clear()
    is_open = OPENING <= clock < CLOSING and time.weekday() < 5
    hour = time.hour
    volumes[hour] = volumes.get(hour, 0) + size

    # Bars of all symbols together.
    if bar.trades > 0 and time - bar.start >= SPAN:
        if bar.open > 0.0:
            risk.spread = average(risk.spread, (bar.high - bar.low) / bar.open, SLOW)
        set_output("spread", risk.spread)
        bar.trades = 0
    if bar.trades == 0:
        start = time - (time - EPOCH) % SPAN
        bar = Bar(start=start, open=price, high=price, low=price, close=price)
    bar.high = max(bar.high, price)
    bar.low = min(bar.low, price)
    bar.close = price
    bar.volume += size
    bar.trades += 1

    # Momentum of the symbol.
    if symbol not in prices:
        prices[symbol] = price
        positions[symbol] = 0
        costs[symbol] = 0.0
        fast[symbol] = 0.0
        slow[symbol] = 0.0
        variances[symbol] = 0.0
        counts[symbol] = 0
        return
    change = price / prices[symbol] - 1.0
    prices[symbol] = price
    counts[symbol] += 1
    fast[symbol] = average(fast[symbol], change, FAST)
    slow[symbol] = average(slow[symbol], change, SLOW)
    variances[symbol] = average(variances[symbol], change * change, SLOW)
    score = 0.0
    if counts[symbol] > WARM_UP and variances[symbol] > 0.0:
        deviation = math.sqrt(variances[symbol])
        score = clamp(4.0 * (fast[symbol] - slow[symbol]) / deviation, -4.0, 4.0)
    set_output("score", score)

    # What is wanted, and what may be done about it.
    position = positions[symbol]
    most = limit
    if account.streak < -3:
        most = limit // 2
    target = wanted(score, position, most)
    if not is_open or account.halted or clock >= LAST_ENTRY:
        target = 0
    if symbol in traded and time - traded[symbol] < PAUSE and target != 0:
        target = position
    order = clamp(lots(target - position), -4 * size, 4 * size)

    # The order is filled at once, at a worse price.
    if order != 0:
        fill = price * (1.0 + SLIPPAGE * sign(order))
        amount = fill * abs(order)
        account.fees += FEE * amount
        account.orders += 1
        closed = 0
        if sign(order) != sign(position):
            closed = min(abs(order), abs(position))
        if closed > 0:
            book(account, sign(position) * closed * (fill - costs[symbol]))
        opened = abs(order) - closed
        remaining = abs(position) - closed if closed > 0 else abs(position)
        if opened > 0:
            costs[symbol] = (remaining * costs[symbol] + opened * fill) / (remaining + opened)
        positions[symbol] = position + order
        traded[symbol] = time
        set_output("order", order)

    # What all positions are worth.
    open_profit = 0.0
    gross = 0.0
    for held, count in positions.items():
        if count != 0:
            open_profit += count * (prices[held] - costs[held])
            gross += abs(count) * prices[held]
    equity = capital + account.carried + account.realised - account.fees + open_profit
    risk.gross = gross
    if risk.peak == 0.0 or equity > risk.peak:
        risk.peak = equity
        risk.peaked = time
    risk.drawdown = max(risk.drawdown, 1.0 - equity / risk.peak)
    if risk.drawdown > MOST_LOST and not account.halted and time - risk.peaked > PAUSE:
        account.halted = True

    busiest = hour
    for other, volume in volumes.items():
        if volume > volumes[busiest]:
            busiest = other
    set_output("equity", equity)
    set_output("busiest", busiest * 60 + time.minute)

# extension: structs
# Structs of a host: what their fields are called, and what names can hold.


@node
def unknown_field(trade: Signal[Trade]) -> Signal[float]:
    return trade.prise  # error: [E0305] "Trade has no attribute `prise`" at "trade.prise"


@node
def unknown_field_assigned(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    last.sise = trade.size  # error: [E0305] "`sise`" at "last.sise"
    return last.price


@node
def a_copy_does_not_change(trade: Signal[Trade]) -> Signal[float]:
    current = trade
    current.price = 1.0  # error: [E0305] "`price`" at "current.price"
    return current.price


@node
def an_array_is_not_kept(book: Signal[Book]) -> Signal[float]:
    levels = book.levels  # error: [E0308] "cannot be kept in a name" at "book.levels"
    return levels[0]


@node
def a_struct_with_an_array_is_not_kept(book: Signal[Book]) -> Signal[float]:
    books = (book, 1)  # error: [E0308] "cannot be kept in a tuple: its field `levels` is not copied" at "book"
    return books[0].levels[0]


def same(book):
    return book  # error: [E0308] "cannot be kept in the result of a helper" at "book"


@node
def a_helper_gives_no_place(book: Signal[Book]) -> Signal[float]:
    return same(book).levels[0]


@node
def two_states_of_arrays(book: Signal[Book]) -> Signal[float]:
    first: State[Book] = None
    second: State[Book] = None
    first, second = second, first  # error: [E0308] at "second"  # error: [E0308] at "first"
    return book.levels[0] + first.levels[0]


@node
def a_missing_value(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    last = Trade(trade.price)  # error: [E0304] "`Trade` is given no value for `size`" at "Trade(trade.price)"
    return last.price


@node
def a_wrong_type(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    last.size = 1.5  # error: [E0302] "a literal of type float where int is needed" at "1.5"
    return last.price + trade.price


@node
def another_struct(trade: Signal[Trade], book: Signal[Book]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    last = book  # error: [E0302] "this is of type Book" at "book"
    return last.price + trade.price


@node
def an_initial_value_that_does_not_fit(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=3_000_000_000)  # error: [E0402] "does not fit into the field `size`"
    return last.price + trade.price


@node
def a_copy_grows_old(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last  # warning: [W0005] "`current` holds a copy of `last`" at "last"
    last.price = trade.price
    return current.price


@node
def either_copy_grows_old(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    first: State[Trade] = Trade(price=0.0, size=0)
    current = last if trade.size > 1 else first  # warning: [W0005] "a copy of `first`"
    first.size += trade.size
    return current.price + last.price


def raise_price(trade, by):
    trade.price += by
    return by


@node
def a_helper_changes_what_was_copied(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last  # warning: [W0005] "`current` holds a copy of `last`" at "last"
    raise_price(last, trade.price)
    return current.price


def raise_by_one(times, trade):
    for _ in range(times):
        raise_price(by=1.0, trade=trade)
    return times


@node
def a_helper_of_a_helper_does(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last  # warning: [W0005] "`current` holds a copy of `last`" at "last"
    if trade.size > 1 and raise_by_one(trade=last, times=2) > 1:
        return current.price
    return 0.0


@node
def the_helper_is_called_in_a_later_round(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    total = 0.0
    for _ in range(trade.size):
        total += raise_price(last, 1.0)
        current = last  # warning: [W0005] "`current` holds a copy of `last`" at "last"
        total += current.price
    return total


def price_of(trade):
    copy = trade
    return copy.price


@node
def a_helper_only_reads(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    other: State[Trade] = Trade(price=0.0, size=0)
    current = last
    raise_price(other, price_of(last))
    return current.price + trade.price


def raised(trade, to):
    before = trade  # warning: [W0005] "`before` holds a copy of `trade`" at "trade"
    trade.price = to
    return before.price


@node
def a_helper_has_the_copy(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    return raised(last, trade.price)


@node
def a_function_of_the_host_changes_it(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last  # warning: [W0005] "`current` holds a copy of `last`" at "last"
    double(last)
    return current.price + value_of(last) + trade.price


@node
def a_function_of_the_host_only_reads(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last
    return current.price + value_of(last) + trade.price


@node
def a_function_of_the_host_changes_a_copy(trade: Signal[Trade]) -> Signal[float]:
    current = trade
    double(current)  # error: [E0305] "`double` changes this Trade, and it is a copy" at "current"
    return current.price


@node
def it_changes_an_element(trade: Signal[Trade]) -> Signal[float]:
    trades = [trade]
    double(trades[0])  # error: [E0305] "it is a copy" at "trades[0]"
    double((trade, 1)[0])  # error: [E0305] "it is a copy" at "(trade, 1)[0]"
    return trades[0].price


@node
def it_changes_what_was_just_made(trade: Signal[Trade]) -> Signal[float]:
    double(Trade(price=1.0, size=2))  # error: [E0305] "it is a copy" at "Trade(price=1.0, size=2)"
    double(trade=Trade(trade.price, 2))  # error: [E0305] "it is a copy" at "Trade(trade.price, 2)"
    return trade.price


def double_twice(trade):
    double(trade)  # error: [E0305] "it is a copy" at "trade"
    return 2


@node
def a_helper_has_it_changed(trade: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=0.0, size=0)
    current = last
    return last.price + double_twice(current) + trade.price


@node
def a_copy_that_may_be_none(trade: Signal[Trade]) -> Signal[float]:
    current = trade if trade.size > 1 else None
    if current is not None:
        double(current)  # error: [E0305] "it is a copy" at "current"
    return trade.price


@node
def a_missing_value_of_many(trade: Signal[Trade]) -> Signal[float]:
    made = Trade()  # error: [E0304] "`Trade` is given no value for `price`, `size`" at "Trade()"
    return made.price + trade.price


@node
def an_index_beyond_an_array(book: Signal[Book]) -> Signal[float]:
    book.levels[4] = 1.0  # error: [E0301] "the index 4 is beyond an array of 4 elements" at "4"
    return book.levels[-5]  # error: [E0301] "the index -5 is beyond" at "-5"

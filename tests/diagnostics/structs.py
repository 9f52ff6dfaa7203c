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

//! Order books: pointers to a host's structure, whose methods and attributes elaborators say.

use std::mem::offset_of;

use cfunc_compiler::ast::BinaryOperator;
use cfunc_compiler::ir::{IntegerCondition, MemoryClass, Signature};
use cfunc_compiler::{
    CellForm, DataModel, Diagnostic, Effects, Field, HandlerResult, MethodCall, NodeErrorKind, Operand,
    PrivateFunction, Registrar, RegistrationError, Representation, Type, builders, codes,
};

/// How many levels a side of a book has.
pub const LEVELS: usize = 4;

/// The symbol of the host's function that reads a level.
pub(crate) const LEVEL_SYMBOL: &str = "ts_book_level";

/// A host's order book, with the layout of C.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Book {
    /// The price of the last trade.
    pub price: f64,
    /// Prices that are bid, the best first.
    pub bids: [f64; LEVELS],
    /// Prices that are asked, the best first.
    pub asks: [f64; LEVELS],
    /// What is bid for at each price.
    pub sizes: [f64; LEVELS],
}

/// What `ts_book_level` is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Bid,
    Ask,
    Size,
}

/// The price or size of a level; nan beyond the levels.
///
/// # Safety
///
/// `book` is a book that nothing writes meanwhile.
pub(crate) unsafe extern "C" fn level(book: *const Book, column: i64, level: i64) -> f64 {
    // SAFETY: the caller's promise.
    let book = unsafe { &*book };
    let column = [&book.bids, &book.asks, &book.sizes][usize::try_from(column).unwrap_or(0).min(2)];
    usize::try_from(level).ok().and_then(|level| column.get(level)).copied().unwrap_or(f64::NAN)
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    let book = registrar.define_type("Book", DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
    let field = |name: &str| Field { name: name.to_owned(), ty: Type::FLOAT64 };
    let fields = DataModel::Fields([field("price"), field("size")].into());
    let level = registrar.define_type("Level", fields, CellForm::Buffer)?;
    for name in ["price", "size"] {
        registrar.lower_getattr(level, name, Type::FLOAT64, move |b, level| b.field(level, name));
    }
    registrar.lower_getattr(book, "price", Type::FLOAT64, |b, book| {
        let present = b.integer_compare_constant(IntegerCondition::NotEqual, book.value(), 0);
        b.guard(present, NodeErrorKind::ValueError, "there is no book");
        let offset = i32::try_from(offset_of!(Book, price)).unwrap_or(0);
        let price = b.load(Representation::F64, book.value(), offset, MemoryClass::Foreign);
        Ok(Operand::scalar(Type::FLOAT64, price))
    });

    let columns = [Column::Bid, Column::Ask, Column::Size].map(|column| reader(registrar, book, column));
    let make_level = registrar.private_function("make level");
    let [bid, ask, size] = columns;
    registrar.builtin(make_level.callable, &[Type::FLOAT64; 2], level, |b, signature, operands| {
        Ok(b.make(signature.result, operands))
    });
    let family = registrar.types().definition(book).constructor;
    registrar.method_call_handler(family, 0, move |api, call| {
        let read = |api: &dyn cfunc_compiler::InferApi, column: PrivateFunction, call: &MethodCall<'_>| {
            let arguments = vec![call.base.expression(), call.arguments[0].expression()];
            builders::call(call.span, api.registered(column.global, call.span), arguments)
        };
        let answer = match call.name {
            "bid" | "ask" | "level" => {
                one_level(call)?;
                match call.name {
                    "bid" => read(api, bid, call),
                    "ask" => read(api, ask, call),
                    _ => {
                        let parts = vec![read(api, bid, call), read(api, size, call)];
                        builders::call(call.span, api.registered(make_level.global, call.span), parts)
                    }
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(answer))
    });
    // `book.spread` is `book.ask(0) - book.bid(0)`, which the handler above is then asked about.
    registrar.attribute_accessor(family, 0, |_api, access| {
        let of = |name: &str| {
            let method = builders::attribute(access.span, access.base.expression(), name);
            builders::call(access.span, method, vec![builders::constant(access.span, 0)])
        };
        Ok((access.name == "spread")
            .then(|| builders::binary(access.span, of("ask"), BinaryOperator::Subtract, of("bid"))))
    });
    Ok(())
}

fn one_level(call: &MethodCall<'_>) -> HandlerResult<()> {
    if call.arguments.len() == 1 && call.keywords.is_empty() {
        return Ok(());
    }
    let message = format!("`{}` takes the number of a level", call.name);
    Err(Box::new(Diagnostic::error(codes::CALL_ARGUMENTS, call.span, message).expected("one int")))
}

/// The function that reads a column of a book at a level; a node error where there is no such level.
fn reader(registrar: &mut Registrar<'_>, book: Type, column: Column) -> PrivateFunction {
    let function = registrar.private_function("read level");
    registrar.builtin(function.callable, &[book, Type::INT64], Type::FLOAT64, move |b, signature, operands| {
        let (book, level) = (operands[0].value(), operands[1].value());
        let present = b.integer_compare_constant(IntegerCondition::NotEqual, book, 0);
        b.guard(present, NodeErrorKind::ValueError, "there is no book");
        let levels = i64::try_from(LEVELS).unwrap_or(i64::MAX);
        let inside = b.integer_compare_constant(IntegerCondition::UnsignedLess, level, levels);
        b.guard(inside, NodeErrorKind::IndexError, "the book has no such level");
        let column = b.int64(column as i64);
        let native = Signature::new(
            &[Representation::Pointer, Representation::I64, Representation::I64],
            &[Representation::F64],
        );
        let value = b.call_external_value(LEVEL_SYMBOL, native, Effects::Reads, &[book, column, level])?;
        Ok(Operand::scalar(signature.result, value))
    });
    function
}

//! Values of every built-in type as arguments and results: structs, enums, sets, objects of the host.

use std::sync::Arc;

use cfunc_compiler::{
    AbiConfig, CallError, CompilationContext, CompileRequest, Dispatcher, FieldDescription, FieldType, RegisterStructs,
    Source, StructDescription, StructReference, SymbolTable, Value, backends_at_all_levels, defaults,
};

use crate::common::context_with;
use crate::dispatch::{float, int, list};

fn record(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Record(name.to_owned(), fields.collect())
}

fn structs() -> CompilationContext {
    context_with(|registrar| {
        let trade = StructDescription::new("Trade", 24, 8)
            .field(FieldDescription::new("price", 0, FieldType::Float64))
            .field(FieldDescription::new("size", 8, FieldType::Int32))
            .field(FieldDescription::new("venue", 12, FieldType::UInt8).default(7))
            .field(FieldDescription::new("weight", 16, FieldType::Float32).default(0.5));
        registrar.structure_described(&trade)?;
        let inside = || FieldType::Struct(StructReference::named("Trade"));
        let book = StructDescription::new("Book", 64, 8)
            .field(FieldDescription::new("best", 0, inside()))
            .field(FieldDescription::new("levels", 24, FieldType::Array(Box::new(FieldType::Int16), 4)))
            .field(FieldDescription::new("next", 32, FieldType::Nullable(StructReference::named("Trade"))))
            .field(FieldDescription::new("time", 40, FieldType::Named("datetime".to_owned())));
        registrar.structure_described(&book)?;
        Ok(())
    })
}

fn trade(price: f64, size: i64) -> Value {
    let rest = [("venue", int(7)), ("weight", float(0.5))];
    record("Trade", &[&[("price", float(price)), ("size", int(size))], &rest[..]].concat())
}

fn book() -> Value {
    record(
        "Book",
        &[("best", trade(1.0, 2)), ("levels", list([1, 2, 3, 4])), ("next", Value::None), ("time", Value::Datetime(5))],
    )
}

/// A dispatcher on each engine.
fn dispatchers(context: &CompilationContext, text: &str) -> Vec<Dispatcher> {
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    let made = |backend| Dispatcher::builder(context, request.clone().backend(backend)).build();
    backends_at_all_levels()
        .into_iter()
        .map(|backend| made(backend).unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn fields_that_a_function_assigns_are_seen() {
    let text = "def f(trade, add):\n    trade.price += add\n    trade.size = 40\n    return trade.price * trade.size\n";
    for call in dispatchers(&structs(), text) {
        let mut arguments = [record("Trade", &[("size", int(3)), ("price", float(1.5))]), float(0.5)];
        assert_eq!(call.call(&mut arguments).unwrap(), float(80.0));
        // In the order that the record had; what it left out was the default.
        let rest = [("venue", int(7)), ("weight", float(0.5))];
        let changed = record("Trade", &[&[("size", int(40)), ("price", float(2.0))], &rest[..]].concat());
        assert_eq!(arguments[0], changed);
    }
    let text = "def f(book, i):\n    book.best.price = 9.5\n    book.levels[2] = 30\n    return book.levels[i]\n";
    for call in dispatchers(&structs(), text) {
        let mut arguments = [book(), int(0)];
        assert_eq!(call.call(&mut arguments).unwrap(), int(1));
        let changed = [
            ("best", trade(9.5, 2)),
            ("levels", list([1, 2, 30, 4])),
            ("next", Value::None),
            ("time", Value::Datetime(5)),
        ];
        assert_eq!(arguments[0], record("Book", &changed));
        // Changed before it failed, as in Python.
        let mut arguments = [book(), int(7)];
        assert!(matches!(call.call(&mut arguments), Err(CallError::Node(_))));
        assert_eq!(arguments[0], record("Book", &changed));
    }
}

#[test]
fn an_address_that_is_null_is_none() {
    for call in dispatchers(&structs(), "def f(book):\n    return book.next\n") {
        assert_eq!(call.call(&mut [book()]).unwrap(), Value::None);
    }
    for call in dispatchers(&structs(), "def f(book):\n    return 1 if book.next is None else book.next.size\n") {
        assert_eq!(call.call(&mut [book()]).unwrap(), int(1));
    }
}

#[test]
fn structs_come_out_and_lie_in_lists_and_tuples() {
    for call in dispatchers(&structs(), "def f(trade, size):\n    return trade, Trade(2.5, size)\n") {
        let result = call.call(&mut [trade(1.0, 2), int(9)]).unwrap();
        assert_eq!(result, Value::Tuple(vec![trade(1.0, 2), trade(2.5, 9)]));
    }
    let text = "def f(trades, pair):\n    best = trades[0]\n    for t in trades:\n        if t.price > best.price:\n            best = t\n    trades.append(pair[1])\n    return best\n";
    for call in dispatchers(&structs(), text) {
        let pair = Value::Tuple(vec![int(1), trade(8.0, 8)]);
        let mut arguments = [Value::List(vec![trade(1.0, 1), trade(3.0, 3), trade(2.0, 2)]), pair];
        assert_eq!(call.call(&mut arguments).unwrap(), trade(3.0, 3));
        let trades = [trade(1.0, 1), trade(3.0, 3), trade(2.0, 2), trade(8.0, 8)];
        assert_eq!(arguments[0], Value::List(trades.into()));
    }
}

#[test]
fn records_that_are_no_struct_are_told() {
    let [call, ..] = &dispatchers(&structs(), "def f(x):\n    return 1\n")[..] else { panic!("there is an engine") };
    let with = |name: &str, value: Value| {
        let Value::Record(kind, mut fields) = trade(1.0, 2) else { panic!("it is a record") };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some(field) => field.1 = value,
            None => fields.push((name.to_owned(), value)),
        }
        Value::Record(kind, fields)
    };
    let Value::Record(_, mut fields) = book() else { panic!("it is a record") };
    fields[2].1 = int(8);
    for (value, reason) in [
        (with("size", int(1 << 31)), "field `size`: 2147483648 does not fit into 32 bits"),
        (with("venue", int(-1)), "field `venue`: -1 does not fit into unsigned 8 bits"),
        (with("price", Value::from("a")), "field `price`: float expected, not a value of kind str"),
        (with("colour", int(1)), "Trade has no field `colour`"),
        (record("Trade", &[("price", float(1.0))]), "Trade is given no value for its field `size`"),
        (
            Value::Record("Book".to_owned(), fields),
            "field `next`: an address is not given by a value, other than None for NULL",
        ),
    ] {
        let error = call.call(&mut [value]).unwrap_err();
        assert_eq!(error.to_string(), format!("the argument `x`: {reason}"));
        assert!(matches!(error, CallError::Unbox { .. }), "{error:?}");
    }
}

const SIDES: &str = "
from enum import Enum, IntEnum

class Side(Enum):
    BUY = 1
    SELL = 4

class Level(IntEnum):
    LOW = 2
    HIGH = 9

";

fn member(class: &str, name: &str, value: i64) -> Value {
    record(class, &[("name", Value::from(name)), ("value", int(value))])
}

#[test]
fn members_go_in_and_come_out() {
    let context = CompilationContext::builder().with(defaults()).build().expect("the built-ins alone");
    let text = format!("{SIDES}def f(side):\n    return Side.SELL if side == Side.BUY else Side.BUY\n");
    for call in dispatchers(&context, &text) {
        assert_eq!(call.call(&mut [member("Side", "BUY", 1)]).unwrap(), member("Side", "SELL", 4));
        let error = call.call(&mut [member("Side", "HOLD", 2)]).unwrap_err().to_string();
        assert!(error.contains("is no member of Side"), "{error}");
    }
    let text = format!(
        "{SIDES}def f(sides: list[Side], by: dict[Side, int]):\n    sides.append(Side.SELL)\n    return by[sides[0]]\n"
    );
    for call in dispatchers(&context, &text) {
        // Where the annotation says the type, names and values are members too.
        let by = Value::Dict(vec![(Value::from("SELL"), int(5)), (int(1), int(6))]);
        let mut arguments = [Value::List(vec![Value::from("Side.BUY")]), by];
        assert_eq!(call.call(&mut arguments).unwrap(), int(6));
        assert_eq!(arguments[0], Value::List(vec![Value::from("Side.BUY"), member("Side", "SELL", 4)]));
    }
    let text = format!("{SIDES}def f(level):\n    return level, level + 1\n");
    for call in dispatchers(&context, &text) {
        let Value::Tuple(result) = call.call(&mut [member("Level", "HIGH", 9)]).unwrap() else { panic!("a tuple") };
        assert_eq!(result[1], int(10));
        assert_eq!((result[0].kind(), call.call(&mut [result[0].clone()]).is_ok()), ("Level", true));
    }
}

#[test]
fn sets_of_every_width_go_in_and_come_out() {
    for enumset_width in [8, 24, 64, 128] {
        let abi = AbiConfig { enumset_width, ..AbiConfig::default() };
        let context = CompilationContext::builder().with(defaults()).abi(abi).build().expect("the width is there");
        let text = format!("{SIDES}def f(sides, more: EnumSet[Side]):\n    return sides | more\n");
        for call in dispatchers(&context, &text) {
            let mut arguments = [Value::set_of_members("Side", 1 << 1), Value::List(vec![Value::from("SELL")])];
            assert_eq!(call.call(&mut arguments).unwrap(), Value::set_of_members("Side", 1 << 1 | 1 << 4));
            let beyond = Value::set_of_members("Side", 1 << enumset_width.min(127));
            if enumset_width < 128 {
                let error = call.call(&mut [beyond, Value::List(Vec::new())]).unwrap_err().to_string();
                assert!(error.contains("is no set of type"), "{error}");
            }
        }
    }
}

#[test]
fn objects_of_the_host_go_by_their_names() {
    let context = context_with(|registrar| registrar.opaque_type("Market").map(|_| ()));
    let mut symbols = SymbolTable::new();
    let (first, second) = (Box::new(1i64), Box::new(2i64));
    for (name, object) in [("first", &first), ("second", &second)] {
        // SAFETY: nothing looks into the object, which outlives the dispatchers.
        unsafe { symbols.register_object(name, (&raw const **object).cast()) };
    }
    let request = CompileRequest::new(Source::new("f.py", "def f(a, b, pick):\n    return a if pick else b\n"));
    let request = request.function("f").symbols(Arc::new(symbols));
    for backend in backends_at_all_levels() {
        let call = Dispatcher::builder(&context, request.clone().backend(Arc::clone(&backend))).build().unwrap();
        let object = |name: &str| Value::object("Market", name);
        for (pick, name) in [(true, "first"), (false, "second")] {
            let mut arguments = [object("first"), object("second"), Value::Boolean(pick)];
            assert_eq!(call.call(&mut arguments).unwrap(), object(name));
        }
        let error = call.call(&mut [object("first"), object("third"), Value::Boolean(true)]).unwrap_err();
        assert_eq!(error.to_string(), "the argument `b`: no object of the host is known by the name `third`");
    }
}

#[test]
fn an_instant_with_an_offset_comes_out_as_the_instant() {
    let zone = "from datetime import datetime, timedelta, timezone\n\nZONE = timezone(timedelta(hours=-6))\n\n\n";
    let text = format!("{zone}def f(x):\n    return datetime(1970, 1, 1, 1, tzinfo=ZONE), x\n");
    for call in dispatchers(&structs(), &text) {
        let instant = Value::Datetime(7 * 3_600_000_000_000);
        assert_eq!(call.call(&mut [int(1)]).unwrap(), Value::Tuple(vec![instant, int(1)]));
    }
    let text = format!("{zone}def f(hour):\n    return datetime(1970, 1, 1, 1, tzinfo=ZONE)\n");
    for call in dispatchers(&structs(), &text) {
        assert_eq!(call.call(&mut [int(1)]).unwrap(), Value::Datetime(7 * 3_600_000_000_000));
    }
}

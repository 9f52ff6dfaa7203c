//! Decimals as arguments and results of calls with dynamic values, on every engine.

use cfunc_compiler::{CompilationContext, CompileRequest, Dispatcher, Source, Value, backends_at_all_levels, defaults};
use cfunc_example_decimal::{Decimals, record};

fn dispatchers(text: &str) -> Vec<Dispatcher> {
    let context = CompilationContext::builder().with(defaults()).with(Decimals).build().expect("they fit together");
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    let made = |backend| Dispatcher::builder(&context, request.clone().backend(backend)).build();
    backends_at_all_levels()
        .into_iter()
        .map(|backend| made(backend).unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn decimals_go_in_and_come_out() {
    for f in dispatchers("def f(price, count):\n    return price * count, price > Decimal(\"0.1\")\n") {
        let result = f.call(&mut [record(1_250_000), Value::Integer(3)]).expect("it is called");
        assert_eq!(result, Value::Tuple(vec![record(3_750_000), Value::Boolean(true)]));
    }
    for f in dispatchers("def f(prices):\n    prices.append(prices[0] + prices[1])\n    return prices[2]\n") {
        let mut arguments = [Value::List(vec![record(1), record(i64::MAX - 1)])];
        assert_eq!(f.call(&mut arguments).expect("it is called"), record(i64::MAX));
        assert_eq!(arguments[0], Value::List(vec![record(1), record(i64::MAX - 1), record(i64::MAX)]));
    }
}

#[test]
fn where_the_type_is_said_texts_and_numbers_are_decimals() {
    for f in dispatchers("def f(price: Decimal):\n    return price + price\n") {
        for value in [Value::from("1.25"), Value::Float(1.25), record(1_250_000)] {
            // A text has no type of its own, but the annotation says one.
            let result = f.call(&mut [value.clone()]).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(result, record(2_500_000), "{value}");
        }
        let error = f.call(&mut [Value::from("12e3")]).expect_err("it has an exponent");
        assert_eq!(error.to_string(), "the argument `price`: \"12e3\" is no decimal");
    }
}

//! Complex numbers as arguments and results of calls with dynamic values, on every engine.

use cfunc_compiler::{CompilationContext, CompileRequest, Dispatcher, Source, Value, backends_at_all_levels, defaults};
use cfunc_example_complex::{ComplexNumbers, record};

fn dispatchers(text: &str) -> Vec<Dispatcher> {
    let builder = CompilationContext::builder().with(defaults()).with(ComplexNumbers);
    let context = builder.build().expect("the extensions fit together");
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    let made = |backend| Dispatcher::builder(&context, request.clone().backend(backend)).build();
    backends_at_all_levels()
        .into_iter()
        .map(|backend| made(backend).unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn complex_numbers_go_in_and_come_out() {
    for f in dispatchers("def f(z, w):\n    return z * w + 1\n") {
        let result = f.call(&mut [record(1.0, 2.0), record(0.5, -1.0)]).expect("it is called");
        assert_eq!(result, record(3.5, 0.0));
        // Another signature for a float beside one.
        let result = f.call(&mut [record(1.0, 2.0), Value::Float(2.0)]).expect("it is called");
        assert_eq!(result, record(3.0, 4.0));
        let signatures: Vec<String> = f.specialisations().iter().map(|one| one.signature()).collect();
        assert_eq!(signatures, ["(Complex, Complex) -> Complex", "(Complex, float) -> Complex"]);
    }
}

#[test]
fn numbers_are_complex_in_a_list_beside_one() {
    for f in dispatchers("def f(zs):\n    zs[0] = zs[0] * zs[1]\n    return zs[0].real\n") {
        let mut arguments = [Value::List(vec![Value::Integer(3), record(0.0, 1.0)])];
        assert_eq!(f.call(&mut arguments).expect("it is called"), Value::Float(0.0));
        assert_eq!(arguments[0], Value::List(vec![record(0.0, 3.0), record(0.0, 1.0)]));
    }
}

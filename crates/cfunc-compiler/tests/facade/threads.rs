//! Contexts, results and instances in several threads.

use std::collections::HashSet;
use std::sync::Arc;

use cfunc_compiler::ast::ExpressionKind;
use cfunc_compiler::ir::{BinaryOperation, IntegerCondition};
use cfunc_compiler::{
    CompilationContext, CompilationResult, CompileRequest, ExpressionNode, Extension, ExtensionId, NodeErrorKind,
    NodeInstance, Operand, Registrar, RegistrationError, Type, builders, compile, current, defaults, enter,
};

use crate::common::{EMA, compiled, context, request};

fn is_send<T: Send>() {}
fn is_sync<T: Sync>() {}

#[test]
fn what_may_cross_threads() {
    is_send::<CompilationContext>();
    is_sync::<CompilationContext>();
    is_send::<CompileRequest>();
    is_sync::<CompileRequest>();
    is_send::<CompilationResult>();
    is_sync::<CompilationResult>();
    is_send::<NodeInstance>();
}

#[test]
fn many_threads_compile_in_one_context() {
    const THREADS: u32 = 8;
    let context = context();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let context = &context;
            scope.spawn(move || {
                for round in 1..=8 {
                    let alpha = f64::from(thread * 8 + round) / 64.0;
                    let result = compile(context, &request(EMA).constant("alpha", alpha)).expect("it compiles");
                    let mut node = result.instantiate().expect("floats have cells");
                    let (x, out) = (node.input("x").expect("an input"), node.output(0).expect("an output"));
                    node.start().expect("START");
                    node.set(x, 64.0);
                    node.execute().expect("a tick");
                    assert_eq!(node.ticked(out), Some(alpha * 64.0));
                }
            });
        }
    });
}

#[test]
fn one_result_serves_many_threads() {
    let result = compiled(&request(EMA).constant("alpha", 0.5));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let result = &result;
            scope.spawn(move || {
                let mut node = result.instantiate().expect("floats have cells");
                let (x, out) = (node.input("x").expect("an input"), node.output(0).expect("an output"));
                node.start().expect("START");
                for _ in 0..100 {
                    node.set(x, f64::from(thread));
                    node.execute().expect("a tick");
                }
                let value: f64 = node.ticked(out).expect("it ticked");
                assert!((value - f64::from(thread)).abs() < 1e-9);
            });
        }
    });
}

#[test]
fn a_node_moves_between_ticks() {
    let mut node = compiled(&request(EMA).constant("alpha", 0.5)).instantiate().expect("floats have cells");
    let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
    node.start().expect("START");
    node.set(x, 8.0);
    node.execute().expect("a tick");
    let mut node = std::thread::spawn(move || {
        node.set(x, 8.0);
        node.execute().expect("a tick");
        node
    })
    .join()
    .expect("the thread ran");
    assert_eq!(node.ticked(out), Some(6.0));
    node.stop().expect("STOP");
}

#[test]
fn entered_contexts_are_the_threads_own() {
    // Where none is entered, it is one context of the built-ins.
    let built_in = current();
    assert_eq!(built_in.extensions().len(), 1);
    assert!(Arc::ptr_eq(built_in.types(), current().types()), "it is made once");
    let (outer, inner) = (context(), CompilationContext::builder().build().expect("an empty context"));
    let entered = enter(&outer);
    {
        let _entered = enter(&inner);
        assert_eq!(current().extensions().len(), 0);
        let other = std::thread::spawn(current).join().expect("the thread ran");
        assert!(Arc::ptr_eq(other.types(), built_in.types()), "another thread sees nothing of it");
    }
    assert_eq!(current().extensions(), outer.extensions());
    drop(entered);
    assert!(Arc::ptr_eq(current().types(), built_in.types()));
}

/// `FACTOR`, `factor` and `scaled` of a number, which another context has of another.
#[derive(Clone, Copy)]
struct Contradiction(i64);

impl Extension for Contradiction {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("contradiction", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let factor = self.0;
        registrar.constant_name("FACTOR", factor)?;
        registrar.marker("factor")?;
        registrar.before_expression(ExpressionNode::Name, 0, move |_api, expression| {
            let ExpressionKind::Name { name, .. } = &expression.kind else { return Ok(None) };
            Ok((&**name == "factor").then(|| builders::constant(expression.span, factor)))
        });
        let scaled = registrar.function("scaled");
        // Of odd numbers it may fail, so that the code differs too.
        registrar.builtin(scaled, &[Type::INT64], Type::INT64, move |b, signature, operands| {
            let by = b.int64(factor);
            if factor % 2 == 1 {
                let positive = b.integer_compare_constant(IntegerCondition::SignedGreater, operands[0].value(), 0);
                b.guard(positive, NodeErrorKind::ValueError, "not positive");
            }
            let product = b.binary(BinaryOperation::IntegerMultiply, operands[0].value(), by);
            Ok(Operand::scalar(signature.result, product))
        });
        Ok(())
    }
}

const CONTRADICTED: &str = "
def f(x: Signal[int], k: int) -> Signal[int]:
    total: State[int] = FACTOR
    total += scaled(x) * k
    return total * 1000 + factor
";

/// Compiles it in a context of a factor, and runs two ticks.
fn contradicted(context: &CompilationContext, factor: i64, k: i64) -> CompilationResult {
    let result = compile(context, &request(CONTRADICTED).constant("k", k)).expect("it compiles");
    let mut node = result.instantiate().expect("ints have cells");
    let (x, out) = (node.input("x").expect("an input"), node.output(0).expect("an output"));
    node.start().expect("START");
    let mut total = factor;
    for value in [3i64, 4] {
        node.set(x, value);
        node.execute().expect("a tick");
        total += value * factor * k;
        assert_eq!(node.ticked(out), Some(total * 1000 + factor), "factor {factor}, k {k}");
    }
    node.set(x, -1i64);
    let refused = node.execute().map_err(|error| error.kind);
    assert_eq!(refused, if factor % 2 == 1 { Err(NodeErrorKind::ValueError) } else { Ok(()) });
    result
}

#[test]
fn contradictory_contexts_compile_side_by_side() {
    const THREADS: i64 = 8;
    let compiles =
        std::env::var("CFUNC_THREAD_COMPILES").map(|count| count.parse().expect("CFUNC_THREAD_COMPILES is a number"));
    let compiles: i64 = compiles.unwrap_or(100);
    let of = |factor| {
        let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
        builder.with(Contradiction(factor)).build().expect("the extensions fit together")
    };
    let shared = [of(100), of(101)];
    let keys: Vec<[String; 2]> = std::thread::scope(|scope| {
        let shared = &shared;
        let workers: Vec<_> = (1..=THREADS)
            .map(|factor| {
                scope.spawn(move || {
                    let own = of(factor);
                    let _entered = enter(&own);
                    for number in 0..compiles {
                        match number % 3 {
                            0 => contradicted(&current(), factor, number),
                            1 => contradicted(&shared[0], 100, number),
                            _ => contradicted(&shared[1], 101, number),
                        };
                    }
                    let keys = [(&own, factor), (&shared[0], 100)];
                    keys.map(|(context, factor)| contradicted(context, factor, 1).semantic_key().to_owned())
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("the thread ran")).collect()
    });
    let own: HashSet<&String> = keys.iter().map(|[own, _]| own).collect();
    assert_eq!(own.len(), keys.len(), "what is compiled differs, and so do the keys");
    assert!(keys.iter().all(|[_, key]| *key == keys[0][1]), "one context gives one key");
}

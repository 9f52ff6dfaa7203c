//! Contexts, results and instances in several threads.

use std::sync::Arc;

use crate::common::{EMA, compiled, context, request};
use cfunc_compiler::{CompilationContext, CompilationResult, CompileRequest, NodeInstance, compile, current, enter};

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

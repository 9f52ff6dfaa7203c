//! Dispatchers that several threads call at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use cfunc_compiler::{
    CompilationContext, CompileRequest, Dispatcher, Extension, ExtensionId, LimitPolicy, Registrar, RegistrationError,
    Source, TypingAnswer, Value, defaults,
};

use crate::dispatch::{dispatcher, float, int, list};

const THREADS: usize = 8;

#[test]
fn dispatchers_are_shared() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Dispatcher>();
    is_shared::<cfunc_compiler::CompiledCall>();
}

#[test]
fn first_calls_of_a_signature_compile_once() {
    let dispatcher = dispatcher("def f(x, n):\n    for i in range(n):\n        x = x * 3 + i\n    return x\n");
    for (round, argument) in [int(1), float(1.0), Value::Boolean(true)].into_iter().enumerate() {
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut arguments = [argument.clone(), int(3)];
                    barrier.wait();
                    dispatcher.call(&mut arguments).unwrap();
                });
            }
        });
        assert_eq!(dispatcher.compilations(), round as u64 + 1);
    }
}

/// An extension with a function whose typing waits until it may go on.
struct Gate {
    open: Mutex<bool>,
    changed: Condvar,
    waiting: AtomicUsize,
}

struct GateExtension(Arc<Gate>);

impl Extension for GateExtension {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("gate", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let gate = Arc::clone(&self.0);
        let slow = registrar.function("slow");
        registrar.type_callable(slow, move |_context| {
            gate.waiting.fetch_add(1, Ordering::SeqCst);
            let mut open = gate.open.lock().unwrap();
            while !*open {
                open = gate.changed.wait_timeout(open, Duration::from_secs(20)).unwrap().0;
            }
            TypingAnswer::No("it is slow".to_owned())
        });
        Ok(())
    }
}

#[test]
fn signatures_do_not_wait_for_each_other() {
    let gate = Arc::new(Gate { open: Mutex::new(false), changed: Condvar::new(), waiting: AtomicUsize::new(0) });
    let extension = GateExtension(Arc::clone(&gate));
    let context = CompilationContext::builder().with(defaults()).with(extension).build().unwrap();
    let text = "def f(x):\n    if isinstance(x, float):\n        slow(x)\n    return x\n";
    let dispatcher = Dispatcher::new(&context, Source::new("f.py", text), "f").unwrap();
    thread::scope(|scope| {
        let slow = scope.spawn(|| dispatcher.call(&mut [float(1.0)]));
        while gate.waiting.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        // It is being compiled for floats, and that for ints comes through.
        assert_eq!(dispatcher.call(&mut [int(1)]).unwrap(), int(1));
        *gate.open.lock().unwrap() = true;
        gate.changed.notify_all();
        assert!(slow.join().unwrap().is_err());
    });
    assert_eq!(dispatcher.compilations(), 2);
}

#[test]
fn calls_on_threads_do_not_meet() {
    let text =
        "def f(xs, x):\n    xs.append(x)\n    if x < 0:\n        raise ValueError('negative')\n    return xs[0]\n";
    let context = crate::common::context();
    let request = CompileRequest::new(Source::new("f.py", text));
    let builder = Dispatcher::builder(&context, request);
    let dispatcher = builder.limit(1, LimitPolicy::DropLeastRecentlyUsed).build().unwrap();
    thread::scope(|scope| {
        for number in 0..4_i64 {
            let dispatcher = &dispatcher;
            scope.spawn(move || {
                for round in 0..40 {
                    // Specialisations are dropped while others call them.
                    if number % 2 == 0 {
                        let mut arguments = [list([number]), int(round - 20)];
                        let called = dispatcher.call(&mut arguments);
                        assert_eq!(called.is_ok(), round >= 20);
                        assert_eq!(arguments[0], list([number, round - 20]));
                    } else {
                        let mut arguments = [list([0.5]), float(1.0)];
                        assert_eq!(dispatcher.call(&mut arguments).unwrap(), float(0.5));
                    }
                }
            });
        }
    });
    assert_eq!(dispatcher.specialisations().len(), 1);
}

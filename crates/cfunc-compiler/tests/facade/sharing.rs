//! Results of equal requests: when they are shared, and what is never.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock, PoisonError};
use std::thread;

use cfunc_compiler::ast::{Expression, ExpressionKind};
use cfunc_compiler::{
    ArgumentTypes, CompilationContext, CompilationOptions, CompilationResult, CompileRequest, ErrorModel,
    ExpressionNode, HostObject, Interpreter, Limits, MissingKey, Observer, OptimizationLevel, PassLevel, Registrar,
    Source, Stage, SymbolTable, TargetCpu, Value, backends, builders, compile, compile_call, compile_observed, parse,
};

use crate::common::{EMA, With, context, context_with, request};

/// Whether two results are one.
fn is_shared(one: &CompilationResult, other: &CompilationResult) -> bool {
    Arc::ptr_eq(one.code(), other.code())
}

#[track_caller]
fn compiled(context: &CompilationContext, request: &CompileRequest) -> CompilationResult {
    compile(context, request).unwrap_or_else(|error| panic!("{error}"))
}

fn ema() -> CompileRequest {
    request(EMA).constant("alpha", 0.5)
}

#[test]
fn an_equal_request_gets_the_result_that_lives() {
    let context = context();
    let first = compiled(&context, &ema());
    // Of other allocations throughout.
    let again = compiled(&context.clone(), &ema());
    assert!(is_shared(&first, &again));
    assert_eq!(first.function_pointer(), again.function_pointer());

    let (mut one, mut other) = (first.instantiate().expect("cells"), again.instantiate().expect("cells"));
    drop((first, again));
    for (node, values) in [(&mut one, [8.0, 4.0]), (&mut other, [100.0, 50.0])] {
        let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.start().expect("START");
        for value in values {
            node.set(x, value);
            node.execute().expect("a tick");
        }
        assert_eq!(node.ticked(out), Some(values[0] / 2.0 * 0.5 + values[1] * 0.5), "states are the instance's own");
    }
    // An instance is enough to keep it.
    let third = compiled(&context, &ema());
    assert_eq!(third.instantiate().expect("cells").input::<f64>("x").is_ok(), one.input::<f64>("x").is_ok());
    drop((one, other));
    assert!(is_shared(&third, &compiled(&context, &ema())));
}

#[test]
fn warnings_are_reported_each_time() {
    let text = "def f(x: Signal[float]) -> Signal[int]:\n    n: State[int] = 0\n    n = x\n    return n\n";
    let context = context();
    let (first, again) = (compiled(&context, &request(text)), compiled(&context, &request(text)));
    assert!(is_shared(&first, &again));
    assert!(!first.rendered_warnings().is_empty());
    assert_eq!(first.rendered_warnings(), again.rendered_warnings());
}

/// A handler of the name `number` that counts how often it is asked, and answers with what it is told.
fn counting(
    registrar: &mut Registrar<'_>,
    asked: &Arc<AtomicUsize>,
    answer: impl Fn(usize) -> i64 + Send + Sync + 'static,
) {
    let asked = Arc::clone(asked);
    registrar.marker("number").expect("a new name");
    registrar.before_expression(ExpressionNode::Name, 0, move |_api, name: &Expression| {
        let is_number = matches!(&name.kind, ExpressionKind::Name { name, .. } if **name == *"number");
        Ok(is_number.then(|| builders::constant(name.span, answer(asked.fetch_add(1, Ordering::Relaxed)))))
    });
}

const NUMBER: &str = "def f(x: Signal[int]) -> Signal[int]:\n    return x + number\n";

#[test]
fn a_result_goes_with_its_last_owner() {
    let asked = Arc::<AtomicUsize>::default();
    let kept = Arc::clone(&asked);
    let context = context_with(move |registrar| {
        counting(registrar, &kept, |_| 7);
        Ok(())
    });
    let times = || asked.load(Ordering::Relaxed);
    let first = compiled(&context, &request(NUMBER));
    let again = compiled(&context, &request(NUMBER));
    assert_eq!(times(), 1, "what is shared is not asked for again");
    let code = Arc::downgrade(first.code());
    drop((first, again));
    assert!(code.upgrade().is_none(), "nobody holds the code any more");
    drop(compiled(&context, &request(NUMBER)));
    assert_eq!(times(), 2);
    let failing = request("def f(x: Signal[int]) -> Signal[int]:\n    return number + nowhere\n");
    for _ in 0..2 {
        compile(&context, &failing).expect_err("it is wrong");
    }
    assert_eq!(times(), 4, "errors are not kept");
}

#[test]
fn who_does_not_want_to_share_does_not() {
    struct Count(usize);
    impl Observer for Count {
        fn begin(&mut self, _stage: &'static str) {
            self.0 += 1;
        }
        fn end(&mut self, _stage: &'static str) {}
    }
    let context = context();
    let first = compiled(&context, &ema());
    let own = compiled(&context, &ema().reuse(false));
    assert!(!is_shared(&first, &own));
    assert_eq!(first.semantic_hash(), own.semantic_hash());
    let mut count = Count(0);
    let observed = compile_observed(&context, &ema(), &mut count).expect("it compiles");
    assert!(!is_shared(&first, &observed) && count.0 == 8, "{} stages", count.0);
    // And what did not want to is not given to others.
    drop(first);
    let later = compiled(&context, &ema());
    assert!(!is_shared(&own, &later) && !is_shared(&observed, &later));
}

#[test]
fn contexts_share_nothing() {
    let first = compiled(&context(), &ema());
    assert!(!is_shared(&first, &compiled(&context(), &ema())));
    // What is registered otherwise is another context.
    let with = |number: i64| {
        context_with(move |registrar| {
            counting(registrar, &Arc::default(), move |_| number);
            Ok(())
        })
    };
    let (one, other) = (with(1), with(2));
    let results = [compiled(&one, &request(NUMBER)), compiled(&other, &request(NUMBER))];
    assert!(!is_shared(&results[0], &results[1]));
    assert_ne!(results[0].semantic_hash(), results[1].semantic_hash());
}

/// A change of one input.
type Change = Box<dyn Fn(CompileRequest) -> CompileRequest>;

#[test]
fn results_are_told_apart_by_each_input_alone() {
    const TEXT: &str = "
def helper(y: float) -> float:
    return y + 1.0

def f(x: Signal[float], k: float = 0.0) -> Signal[float]:
    return helper(x) * k

def g(x: Signal[float], k: float = 0.0) -> Signal[float]:
    return helper(x) * k
";
    fn change(change: impl Fn(CompileRequest) -> CompileRequest + 'static) -> Change {
        Box::new(change)
    }
    let base = || CompileRequest::new(Source::new("node.py", TEXT)).function("f").constant("k", 0.0).global("w", 0.0);
    let other_text = TEXT.replace("1.0", "2.0");
    let shifted = format!("\n{TEXT}");
    let tree = Arc::new(parse(TEXT, &Limits::default()));
    let other_tree = Arc::new(parse(TEXT, &Limits::default()));
    let engine = Arc::new(Interpreter::new());
    let other_engine = Arc::new(Interpreter::new());
    // SAFETY: no node calls it.
    let symbols = |name: &str, address: *const u8| {
        let mut table = SymbolTable::new();
        // SAFETY: as above.
        unsafe { table.register(name, address) };
        Arc::new(table)
    };
    static PLACES: [u8; 2] = [0; 2];
    let (here, there) = (&raw const PLACES[0], &raw const PLACES[1]);
    let tables = [symbols("s", here), symbols("s", there), symbols("t", here)];
    let mut changes: Vec<Change> = vec![
        change(|request| request),
        change(move |_| {
            CompileRequest::new(Source::new("node.py", other_text.as_str()))
                .function("f")
                .constant("k", 0.0)
                .global("w", 0.0)
        }),
        // The same code, at other lines.
        change(move |_| {
            CompileRequest::new(Source::new("node.py", shifted.as_str()))
                .function("f")
                .constant("k", 0.0)
                .global("w", 0.0)
        }),
        change(|_| {
            CompileRequest::new(Source::new("other.py", TEXT)).function("f").constant("k", 0.0).global("w", 0.0)
        }),
        change(|request| request.function("g")),
        change(|request| request.constant("k", -0.0)),
        change(|request| request.constant("k", f64::NAN)),
        change(|request| request.constant("k", 0)),
        change(|request| request.constant("k", 1)),
        change(|request| request.constant("k", false)),
        change(|request| request.global("w", -0.0)),
        change(|request| request.global("w", 0)),
        change(|request| request.global("v", Value::List(vec![Value::Float(0.0)]))),
        change(|request| request.global("v", Value::List(vec![Value::Float(-0.0)]))),
        change(|request| request.global("v", Value::Tuple(vec![Value::Float(0.0)]))),
        change(|request| {
            request.global_function("h", Source::new("h.py", "def h(y: float) -> float:\n    return y\n"))
        }),
        change(|request| {
            request.global_function("h", Source::new("h.py", "def h(y: float) -> float:\n    return -y\n"))
        }),
        change(|request| request.signature("(x: Signal[int], k: float = 0.0) -> Signal[float]")),
        change(|request| request.signature("(x: Signal[float], k: float = 0.0) -> Signal[float]")),
        change(move |request| request.parsed(Arc::clone(&tree))),
        change(move |request| request.parsed(Arc::clone(&other_tree))),
        change(move |request| request.backend(Arc::clone(&engine) as _)),
        change(move |request| request.backend(Arc::clone(&other_engine) as _)),
    ];
    for table in tables {
        changes.push(change(move |request| request.symbols(Arc::clone(&table))));
    }
    for engine in backends().into_iter().filter(|engine| engine.name() != "interpreter") {
        changes.push(change(move |request| request.backend(Arc::clone(&engine))));
    }
    let context = context();
    let results: Vec<_> = changes.iter().map(|change| compiled(&context, &change(base()))).collect();
    let addresses: HashSet<_> = results.iter().map(|result| Arc::as_ptr(result.code()).cast::<()>()).collect();
    assert_eq!(addresses.len(), results.len(), "two of them are one");
    for (index, (change, result)) in changes.iter().zip(&results).enumerate() {
        assert!(is_shared(result, &compiled(&context, &change(base()))), "change {index} is not found again");
    }
    // The order in which the names of a table came is none of it.
    let table = |names: [&str; 2]| {
        let mut table = SymbolTable::new();
        for name in names {
            // SAFETY: no node calls it.
            unsafe { table.register(name, &raw const PLACES[usize::from(name == "b")]) };
        }
        base().symbols(Arc::new(table))
    };
    let first = compiled(&context, &table(["a", "b"]));
    assert!(is_shared(&first, &compiled(&context, &table(["b", "a"]))));
}

#[test]
fn options_that_differ_in_any_field_share_nothing() {
    let default = CompilationOptions::default;
    // One of each other value of each field; taken apart, so that a new one cannot be forgotten.
    let CompilationOptions {
        error_model: _,
        checked_integers: _,
        missing_key: _,
        interruptible: _,
        fastmath: _,
        force_inline: _,
        optimization_level: _,
        target_cpu: _,
        passes: _,
        pass_limit: _,
        verify: _,
    } = default();
    let named = |name: &str, features: &str| TargetCpu::Named { name: name.to_owned(), features: features.to_owned() };
    let fields: Vec<Vec<fn(&mut CompilationOptions)>> = vec![
        vec![|o| o.error_model = ErrorModel::Python],
        vec![|o| o.checked_integers = true],
        vec![|o| o.missing_key = MissingKey::Zero],
        vec![|o| o.interruptible = true],
        vec![|o| o.fastmath = true],
        vec![|o| o.force_inline = true],
        vec![|o| o.optimization_level = OptimizationLevel::None, |o| o.optimization_level = OptimizationLevel::Quick],
        vec![|o| o.passes = PassLevel::None, |o| o.passes = PassLevel::Full],
        vec![|o| o.pass_limit = Some(0), |o| o.pass_limit = Some(1)],
        vec![|o| o.verify = true],
    ];
    let mut all = vec![default()];
    let of_target = [named("a", ""), named("a", "b"), named("b", "")];
    all.extend(of_target.map(|target_cpu| CompilationOptions { target_cpu, ..default() }));
    // Each value alone, and each with each of another field.
    for (index, field) in fields.iter().enumerate() {
        for change in field {
            let mut one = default();
            change(&mut one);
            for other in fields[index + 1..].iter().flatten() {
                let mut both = one.clone();
                other(&mut both);
                all.push(both);
            }
            all.push(one);
        }
    }
    let context = context();
    let engine = Arc::new(Interpreter::new());
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    return x\n";
    let of = |options: &CompilationOptions| {
        compiled(&context, &request(text).backend(Arc::clone(&engine) as _).options(options.clone()))
    };
    let results: Vec<_> = all.iter().map(of).collect();
    for (options, result) in all.iter().zip(&results) {
        assert_eq!(result.options(), options);
        assert!(is_shared(result, &of(options)));
    }
    let codes: HashSet<_> = results.iter().map(|result| Arc::as_ptr(result.code()).cast::<()>()).collect();
    assert_eq!(codes.len(), all.len());
}

#[test]
fn what_a_host_brings_that_cannot_be_compared_is_not_shared() {
    let context = context();
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    n: State[int] = 1\n    return x + n\n";
    let body = || {
        let tree = parse("n = 2\n", &Limits::default()).module.body;
        request(text).start_body(tree)
    };
    let typed = || request(text).type_of_objects(|_api, _object| None);
    for make in [&body as &dyn Fn() -> CompileRequest, &typed] {
        let (one, other) = (compiled(&context, &make()), compiled(&context, &make()));
        assert!(!is_shared(&one, &other));
        // It is there nevertheless.
        assert!(one.dump(Stage::OptimizedIr).expect("a text").contains("function"));
    }
    let object = Arc::new(AtomicUsize::new(0));
    let bound = request(text).object("x", HostObject::shared(Arc::clone(&object) as _));
    let result = compile(&context, &bound);
    drop(bound);
    assert_eq!(Arc::strong_count(&object), 1, "a result keeps no object of the host");
    drop(result);
}

#[test]
fn plain_functions_share_by_the_types_of_their_arguments() {
    let context = context();
    let request = request("def f(a, b):\n    return a + b\n");
    let of = |types: &str| compile_call(&context, &request, &ArgumentTypes::parse(types)).expect("it compiles");
    let (first, again, other) = (of("(int, int)"), of("(int, int)"), of("(int, float)"));
    assert!(Arc::ptr_eq(first.code(), again.code()));
    assert!(!Arc::ptr_eq(first.code(), other.code()));
    assert_eq!(
        (again.signature(), other.signature()),
        ("(int, int) -> int".to_owned(), "(int, float) -> float".to_owned())
    );
    assert!(first.dump(Stage::Types).expect("a text").contains("+(int, int)"));
}

#[test]
fn equal_requests_at_once_are_compiled_once() {
    const THREADS: usize = 8;
    let asked = Arc::<AtomicUsize>::default();
    let kept = Arc::clone(&asked);
    let context = context_with(move |registrar| {
        counting(registrar, &kept, |_| {
            // Long enough for the others to come.
            thread::sleep(std::time::Duration::from_millis(20));
            7
        });
        Ok(())
    });
    let barrier = Barrier::new(THREADS);
    let wrong = "def f(x: Signal[int]) -> Signal[int]:\n    return number + nowhere\n";
    for (text, is_right) in [(NUMBER, true), (wrong, false)] {
        let results: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        compile(&context, &request(text))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        for result in &results {
            match (result, &results[0]) {
                (Ok(result), Ok(first)) => assert!(is_right && is_shared(result, first)),
                (Err(error), Err(first)) => assert_eq!((is_right, error.to_string()), (false, first.to_string())),
                _ => panic!("some threads got a result and some did not"),
            }
        }
        if is_right {
            assert_eq!(asked.load(Ordering::Relaxed), 1);
        }
    }
}

#[test]
fn handlers_may_compile() {
    // Each of two sources compiles the other from its handler, on two threads at once.
    static CONTEXT: OnceLock<CompilationContext> = OnceLock::new();
    static INNER: Mutex<Vec<CompilationResult>> = Mutex::new(Vec::new());
    const A: &str = "def a(x: Signal[int]) -> Signal[int]:\n    return x + of_b\n";
    const B: &str = "def b(x: Signal[int]) -> Signal[int]:\n    return x + of_a\n";
    thread_local!(static DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
    let barrier = Arc::new(Barrier::new(2));
    let both = Arc::clone(&barrier);
    let context = CONTEXT.get_or_init(|| {
        context_with(move |registrar| {
            for name in ["of_a", "of_b"] {
                registrar.marker(name)?;
            }
            let both = Arc::clone(&both);
            registrar.before_expression(ExpressionNode::Name, 0, move |_api, name: &Expression| {
                let other = match &name.kind {
                    ExpressionKind::Name { name, .. } if **name == *"of_a" => A,
                    ExpressionKind::Name { name, .. } if **name == *"of_b" => B,
                    _ => return Ok(None),
                };
                if DEPTH.get() == 0 {
                    DEPTH.set(1);
                    both.wait();
                    let inner = compiled(CONTEXT.get().expect("it is built"), &request(other));
                    INNER.lock().unwrap_or_else(PoisonError::into_inner).push(inner);
                    DEPTH.set(0);
                }
                Ok(Some(builders::constant(name.span, 1)))
            });
            Ok(())
        })
    });
    thread::scope(|scope| {
        for text in [A, B] {
            scope.spawn(move || compiled(context, &request(text)));
        }
    });
    assert_eq!(INNER.lock().unwrap_or_else(PoisonError::into_inner).len(), 2);
}

#[test]
fn stages_are_made_again_as_they_were() {
    let context = context();
    let text = "
class Side(Enum):
    BUY = 1
    SELL = 2

def scaled(y: float, by: float) -> float:
    return y * by

def f(x: Signal[float], n: Signal[int], by: float) -> Signal[float]:
    seen: State[list[float]] = []
    seen.append(scaled(x, by))
    total = 0
    for value in seen:
        total = total + value
    return total / n
";
    let request = request(text)
        .function("f")
        .constant("by", 2)
        .options(CompilationOptions { error_model: ErrorModel::Python, ..CompilationOptions::default() });
    let kept = compiled(&context, &request.clone().keep_stages(true).reuse(false));
    let made = compiled(&context, &request);
    assert!(!is_shared(&kept, &made));
    let stages = [Stage::Transformed, Stage::Types, Stage::Ir, Stage::OptimizedIr, Stage::Metadata];
    for stage in stages {
        let (kept, made) = (kept.dump(stage).expect("a text"), made.dump(stage).expect("a text"));
        assert!(!made.is_empty());
        assert_eq!(kept, made, "{stage:?}");
    }
    assert_eq!(kept.operations().expect("known"), made.operations().expect("known"));
    assert_eq!(kept.provisional_rules().expect("known"), made.provisional_rules().expect("known"));
    assert_eq!(kept.function(), made.function());
    assert_eq!(kept.inputs(), made.inputs());
}

#[test]
fn answers_that_change_are_said_to_or_found_out() {
    let builds = |says_so: bool| {
        let register = With(move |registrar: &mut Registrar<'_>| {
            if says_so {
                registrar.answers_may_change();
            }
            counting(registrar, &Arc::default(), |times| i64::try_from(times).unwrap_or(0));
            Ok(())
        });
        CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension()).with(register)
    };
    let ends_with = |result: &CompilationResult, number: &str| {
        result.dump(Stage::Transformed).is_ok_and(|text| text.contains(&format!("+ {number}")))
    };
    let context = builds(true).build().expect("it builds");
    let (first, second) = (compiled(&context, &request(NUMBER)), compiled(&context, &request(NUMBER)));
    assert!(!is_shared(&first, &second));
    assert!(ends_with(&first, "0") && ends_with(&second, "1"), "each keeps what its stages made");
    // Whoever builds the context can say it too.
    let context = builds(false).answers_may_change().build().expect("it builds");
    assert!(!is_shared(&compiled(&context, &request(NUMBER)), &compiled(&context, &request(NUMBER))));

    let context = builds(false).build().expect("it builds");
    let result = compiled(&context, &request(NUMBER));
    assert!(is_shared(&result, &compiled(&context, &request(NUMBER))));
    let error = result.dump(Stage::Ir).expect_err("it would be of another function").to_string();
    assert!(error.contains("`f` became another function"), "{error}");
}

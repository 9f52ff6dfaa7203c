//! What a host wants of calls: interruption from another thread, deadlines, what nodes print.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::common::{compiled, context, on_every_engine, request};
use cfunc_compiler::{CompilationOptions, NodeErrorKind, NodeInstance, Source, check};

/// Loops for ever on 0, through a handler that must not stop the interruption, and counts in `finally`.
const ENDLESS: &str = "\
def endless(x: Signal[int]) -> Signal[int]:
    cleaned: State[int] = 0
    if x != 0:
        return cleaned
    while True:
        try:
            while True:
                try:
                    x += 1
                    x -= 1
                except:
                    return -1
        except Exception:
            return -2
        finally:
            cleaned += 1
";

fn interruptible(backend: Arc<dyn cfunc_compiler::Backend>) -> NodeInstance {
    let options = CompilationOptions { interruptible: true, ..CompilationOptions::default() };
    let result = compiled(&request(ENDLESS).options(options).backend(backend));
    let mut node = result.instantiate().expect("ints have cells");
    node.start().expect("START");
    node
}

/// A tick that ends, and what it says.
fn cleaned(node: &mut NodeInstance) -> Option<i64> {
    let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
    node.set(x, 1);
    node.execute().expect("a tick that ends");
    node.ticked(out)
}

#[test]
fn another_thread_interrupts_and_the_node_goes_on_living() {
    on_every_engine(|engine| {
        let mut node = interruptible(engine);
        let handle = node.interrupt_handle();
        let x = node.input::<i64>("x").expect("an input");
        for round in 1..=2 {
            let other = handle.clone();
            let helper = thread::spawn(move || {
                thread::sleep(Duration::from_millis(20));
                other.interrupt();
            });
            node.set(x, 0);
            let error = node.execute().expect_err("it is interrupted");
            helper.join().expect("the helper ends");
            assert_eq!(error.kind, NodeErrorKind::Interrupted);
            assert!(!handle.is_requested(), "the request is used up");
            assert_eq!(cleaned(&mut node), Some(round));
        }
        // A request between calls ends the next call that gets to a loop, unless it is taken back.
        handle.interrupt();
        handle.withdraw();
        handle.interrupt();
        assert_eq!(cleaned(&mut node), Some(2), "no loop on this path");
        node.set(x, 0);
        assert_eq!(node.execute().expect_err("it is interrupted").kind, NodeErrorKind::Interrupted);
        assert_eq!(cleaned(&mut node), Some(2), "the outer loop ended before the `try`");
    });
}

#[test]
fn a_deadline_ends_calls_that_take_longer() {
    on_every_engine(|engine| {
        let mut node = interruptible(engine);
        let x = node.input::<i64>("x").expect("an input");
        node.set_deadline(Some(Duration::from_millis(20)));
        for round in 1..=2 {
            node.set(x, 0);
            let error = node.execute().expect_err("the deadline passes");
            assert_eq!(error.kind, NodeErrorKind::Interrupted);
            assert_eq!(cleaned(&mut node), Some(round));
        }
        node.set_deadline(None);
        assert_eq!(cleaned(&mut node), Some(2));
    });
}

#[test]
fn loops_inside_of_functions_are_interrupted_too() {
    // As many rounds as a day has no time for.
    let functions = ["max(zip(range(n), range(n)))[0]", "sum(reversed(range(n)))"];
    on_every_engine(|engine| {
        for function in functions {
            let text = format!(
                "def adds(x: Signal[int]) -> Signal[int]:\n    if x != 0:\n        return x\n    n = 1 << 60\n    \
                 return {function}\n"
            );
            let options = CompilationOptions { interruptible: true, ..CompilationOptions::default() };
            let result = compiled(&request(&text).options(options).backend(engine.clone()));
            let mut node = result.instantiate().expect("ints have cells");
            node.start().expect("START");
            node.set_deadline(Some(Duration::from_millis(20)));
            let x = node.input::<i64>("x").expect("an input");
            node.set(x, 0);
            assert_eq!(node.execute().expect_err("it is interrupted").kind, NodeErrorKind::Interrupted);
        }
    });
}

#[test]
fn polls_leave_what_loops_hold_as_it_is() {
    // More floats than some of the registers hold, in loops and in a function that polls when it is entered.
    let text = "\
def step(a, b, n):
    for i in range(n):
        a, b = a * 0.75 + b * 0.5, b * 0.5 - a * 0.25
    return a + b * 0.125

def polled(x: Signal[float], n: Signal[int]) -> Signal[float]:
    a = x
    b, c, d, e, f = x + 1.0, x * 2.0, x - 3.0, x * 0.5, x + 0.25
    g, h, i, j, k, l = 1.5, 2.5, 3.5, 4.5, 5.5, 6.5
    total = 0
    for outer in range(n):
        for inner in range(n):
            total += inner ^ outer
            a, b, c, d, e, f = b, c, d, e, f, a * 0.5 + g
            g, h, i, j, k, l = h, i, j, k, l, g * 0.25 + a
        total += 1
        a += step(d, l, outer & 3)
    return a + b + c + d + e + f + g + h + i + j + k + l + total
";
    let found = Mutex::new(Vec::new());
    on_every_engine(|engine| {
        for interruptible in [false, true] {
            let options = CompilationOptions { interruptible, ..CompilationOptions::default() };
            let result = compiled(&request(text).options(options).backend(engine.clone()));
            let mut node = result.instantiate().expect("floats have cells");
            node.start().expect("START");
            node.set_deadline(Some(Duration::from_hours(1)));
            let (x, n) = (node.input::<f64>("x").expect("an input"), node.input::<i64>("n").expect("an input"));
            let out = node.output::<f64>(0).expect("an output");
            for (value, rounds) in [(0.7, 3), (-1.3, 70), (9.1, 120)] {
                node.set(x, value);
                node.set(n, rounds);
                node.execute().expect("an hour is enough");
                found.lock().expect("no panic").push((rounds, node.ticked(out).map(f64::to_bits)));
            }
        }
    });
    let found = found.into_inner().expect("no panic");
    for all in found.chunks(3) {
        assert_eq!(all, &found[..3]);
    }
}

#[test]
fn print_writes_as_python_does_to_the_hook() {
    let text = "\
def talk(x: Signal[int], y: Signal[float], b: Signal[bool], t: Signal[timedelta]) -> Signal[int]:
    print(x, y, b, None, 'text', sep=', ', end='!\\n')
    print()
    print('café', y / 3, sep='')
    print(t, flush=True)
    if b:
        print('a', 'b', end='')
        raise ValueError('after')
    return x
";
    on_every_engine(|engine| {
        let mut node = compiled(&request(text).backend(engine)).instantiate().expect("scalars have cells");
        let printed = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&printed);
        node.set_print_hook(move |text| sink.lock().expect("nobody panics").push(text.to_owned()));
        let (x, y) = (node.input::<i64>("x").expect("an input"), node.input::<f64>("y").expect("an input"));
        let b = node.input::<bool>("b").expect("an input");
        node.start().expect("START");
        node.set(x, -5);
        node.set(y, 1e16);
        node.set(b, true);
        assert_eq!(node.execute().expect_err("it raises").kind, NodeErrorKind::ValueError);
        let expected =
            ["-5, 1e+16, True, None, text!\n", "\n", "café3333333333333333.5\n", "0:00:00\n", "a b"].map(str::to_owned);
        assert_eq!(*printed.lock().expect("nobody panics"), expected);
    });
}

#[test]
fn what_print_cannot_do_is_told() {
    let text = "\
def talk(x: Signal[int]) -> Signal[int]:
    s = 'a' if x > 0 else 'b'
    print(x, sep=x)
    print(x, file=x)
    return x
";
    let diagnostics = check(&context(), &Source::new("node.py", text)).to_string();
    assert!(diagnostics.contains("`sep` of `print`"), "{diagnostics}");
    assert!(diagnostics.contains("no keyword argument `file`"), "{diagnostics}");
}

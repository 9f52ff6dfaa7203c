//! Bodies of a host's functions, as another compiler makes bitcode of them, in the place of calls.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use cfunc_compiler::{
    CType, CompilationContext, CompilationOptions, CompilationResult, Effects, ForeignFunction, ForeignType,
    LlvmModule, LoadedLlvmModule, ModuleError, SymbolTable, Type, Value,
};
use tracing_subscriber::fmt::MakeWriter;

use crate::common::{body, calls, compiled, context_with, is_available, request};

/// What the host has, and what its bitcode reads.
#[repr(C)]
struct Book {
    depth: i32,
    prices: [f64; 4],
}

const BOOK: Book = Book { depth: 4, prices: [1.5, 2.5, 3.5, 4.5] };

/// The bodies of the functions below, but for what those count. They are not to be inlined, and are for a processor of
/// their own, as their compiler knows it.
const BODIES: &str = r#"
#![no_std]
#[repr(C)]
pub struct Book {
    depth: i32,
    prices: [f64; 4],
}

#[inline(never)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn price_book(book: *const Book, level: i64) -> f64 {
    // SAFETY: nodes call it with the book, and levels that it has.
    unsafe { (&raw const (*book).prices).cast::<f64>().offset(level as isize).read() }
}

#[inline(never)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn depth_book(book: *const Book) -> i32 {
    // SAFETY: nodes call it with the book.
    unsafe { (*book).depth }
}
"#;

/// Calls that reached the functions outside. Tests that look at it hold the lock.
static CALLS: AtomicUsize = AtomicUsize::new(0);
static ALONE: Mutex<()> = Mutex::new(());

extern "C" fn price_book(book: *const Book, level: i64) -> f64 {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: nodes call it with the book.
    unsafe { &*book }.prices[usize::try_from(level).expect("no negative level")]
}

extern "C" fn depth_book(book: *const Book) -> i32 {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: nodes call it with the book.
    unsafe { &*book }.depth
}

const TOTAL: &str = "
def total(scale: Signal[float], book: Book) -> Signal[float]:
    sum = 0.0
    for level in range(book.depth()):
        sum += scale * book.price(level)
    return sum
";

const BEST: &str = "
def best(scale: Signal[float], book: Book) -> Signal[float]:
    return scale * book.price(0)
";

fn context() -> CompilationContext {
    context_with(|registrar| {
        let book = registrar.opaque_type("Book")?;
        let method = |name| ForeignFunction::new(name).parameter("book", book).effects(Effects::Reads);
        registrar.foreign_methods(
            book,
            "book",
            [
                method("price").parameter("level", Type::INT64).result(Type::FLOAT64),
                method("depth").result(ForeignType::new(Type::INT64, CType::Int32)),
            ],
        )
    })
}

fn symbols() -> Arc<SymbolTable> {
    static KEPT: Book = BOOK;
    let mut symbols = SymbolTable::new();
    // SAFETY: the functions are of the types that are described, and the book of that which they take; all live as long as
    // the program.
    unsafe {
        symbols.register("price_book", price_book as *const u8);
        symbols.register("depth_book", depth_book as *const u8);
        symbols.register_object("main", (&raw const KEPT).cast());
    }
    Arc::new(symbols)
}

fn result(text: &str) -> CompilationResult {
    let request = request(text).constant("book", Value::object("Book", "main")).symbols(symbols());
    compiled(&context(), &request)
}

/// What rustc makes of a source.
#[track_caller]
fn bitcode(name: &str, source: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bitcode-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder is writable");
    let (input, output) = (folder.join("bodies.rs"), folder.join("bodies.bc"));
    std::fs::write(&input, source).expect("the folder is writable");
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let options = ["--edition=2024", "--crate-type=lib", "--emit=llvm-bc", "-Copt-level=2", "-Cpanic=abort"];
    let made = Command::new(rustc).args(options).arg("-Ctarget-cpu=native").arg("-o").args([&output, &input]).output();
    let made = made.expect("rustc runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let bytes = std::fs::read(&output).expect("rustc wrote it");
    std::fs::remove_dir_all(&folder).expect("the folder is there");
    bytes
}

fn module(results: &[&CompilationResult]) -> LlvmModule {
    let mut module = LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there");
    for result in results {
        module.add(result).expect("they go together");
    }
    module
}

/// What a result gives on the code of a module, and how often it called the functions outside.
fn run(loaded: &LoadedLlvmModule, result: &CompilationResult) -> (Option<f64>, usize) {
    let mut node = loaded.instantiate(result).expect("it is in the module");
    let scale = node.input::<f64>("scale").expect("an input");
    let out = node.output::<f64>(0).expect("an output");
    node.start().expect("it starts");
    node.set(scale, 2.0);
    let before = CALLS.load(Ordering::Relaxed);
    node.execute().expect("it runs");
    (node.ticked(out), CALLS.load(Ordering::Relaxed) - before)
}

/// What is logged on a thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no test failed")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test failed").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[test]
fn reads_in_a_loop_become_loads() {
    if !is_available() {
        return;
    }
    let _alone = ALONE.lock().expect("no test failed");
    let bodies = bitcode("loads", BODIES);
    let (total, best) = (result(TOTAL), result(BEST));

    let mut called = module(&[&total, &best]);
    called.optimize().expect("it is valid");
    assert_eq!(calls(body(&called.ir(), total.native_name())).len(), 2, "{}", called.ir());
    let loaded = called.load().expect("all symbols are known");
    assert_eq!(run(&loaded, &total), (Some(24.0), 5));
    assert_eq!(run(&loaded, &best), (Some(3.0), 1));

    // In either order.
    for is_first in [true, false] {
        let before: &[&CompilationResult] = if is_first { &[] } else { &[&total, &best] };
        let mut linked = module(before);
        linked.link_ffi_bitcode(&bodies, true).expect("it fits");
        if is_first {
            linked.add(&total).expect("it goes with the bodies");
            linked.add(&best).expect("it goes with the bodies");
        }
        linked.optimize().expect("it is valid");
        let text = linked.ir();
        let node = body(&text, total.native_name());
        assert_eq!(calls(node), Vec::<&str>::new(), "{text}");
        assert!(node.contains("load double"), "{node}");
        // Nothing is left of the functions, and nothing keeps code from being one of this processor.
        assert!(!text.contains("@price_book") && !text.contains("\"target-cpu\""), "{text}");
        let loaded = linked.load().expect("all symbols are known");
        assert_eq!(run(&loaded, &total), (Some(24.0), 0));
        assert_eq!(run(&loaded, &best), (Some(3.0), 0));
    }
}

#[test]
fn bodies_that_are_not_kept_within_are_exported() {
    if !is_available() {
        return;
    }
    let mut linked = module(&[&result(BEST)]);
    linked.link_ffi_bitcode(&bitcode("exported", BODIES), false).expect("it fits");
    linked.optimize().expect("it is valid");
    let text = linked.ir();
    let exported = text.lines().filter(|line| line.starts_with("define ") && !line.contains(" internal "));
    assert_eq!(exported.count(), 3, "{text}");
    let object = linked.object().expect("LLVM makes code");
    assert!(object.windows(b"price_book".len()).any(|part| part == b"price_book"));
}

#[test]
fn what_cannot_be_linked_leaves_the_module_as_it_was() {
    if !is_available() {
        return;
    }
    let _alone = ALONE.lock().expect("no test failed");
    let total = result(TOTAL);
    let mut linked = module(&[&total]);
    let before = linked.ir();
    let mut refused = |bytes: &[u8], said: &str| {
        match linked.link_ffi_bitcode(bytes, true) {
            Err(ModuleError::Bitcode(reason)) => assert!(reason.contains(said), "{reason}"),
            other => panic!("{said}: {other:?}"),
        }
        assert_eq!(linked.ir(), before);
    };
    let bodies = bitcode("refused", BODIES);
    refused(b"no bitcode", "");
    refused(&bodies[..bodies.len() / 2], "");
    // Levels of another width; a body for the node itself.
    refused(&bitcode("width", &BODIES.replace("level: i64", "level: i32")), "`price_book` is ");
    let node = format!("#![no_std]\n#[unsafe(no_mangle)] pub extern \"C\" fn {}() {{}}", total.native_name());
    refused(&bitcode("node", &node), total.native_name());

    // Calls reach the functions outside.
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let refusal =
        tracing::subscriber::with_default(subscriber, || linked.link_ffi_bitcode_or_call(b"no bitcode", true));
    assert!(matches!(refusal, Some(ModuleError::Bitcode(_))));
    let text = log.text();
    assert!(text.contains("WARN") && text.contains("functions of the host are called, not inlined"), "{text}");
    linked.optimize().expect("it is valid");
    assert_eq!(run(&linked.load().expect("all symbols are known"), &total), (Some(24.0), 5));

    // And a module with the bodies takes them once.
    let mut linked = module(&[&total]);
    assert_eq!(linked.link_ffi_bitcode_or_call(&bodies, true), None);
    assert!(matches!(linked.link_ffi_bitcode(&bodies, true), Err(ModuleError::Bitcode(_))));
    linked.optimize().expect("it is valid");
    assert_eq!(linked.link_ffi_bitcode(&bodies, true), Err(ModuleError::Optimized));
    assert_eq!(run(&linked.load().expect("all symbols are known"), &total), (Some(24.0), 0));
}

#[test]
fn what_bitcode_calls_is_provided_or_refused() {
    if !is_available() {
        return;
    }
    let _alone = ALONE.lock().expect("no test failed");
    let best = result(BEST);
    let calling = "
#![no_std]
unsafe extern \"C\" {
    fn outside(level: i64) -> f64;
}

#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn price_book(_book: *const u8, level: i64) -> f64 {
    // SAFETY: whoever links this has the function.
    unsafe { outside(level) }
}
";
    extern "C" fn outside(level: i64) -> f64 {
        if level == 0 { 10.0 } else { 0.0 }
    }
    let mut linked = module(&[&best]);
    linked.link_ffi_bitcode(&bitcode("calling", calling), true).expect("it fits");
    linked.optimize().expect("it is valid");
    let undefined = ModuleError::Undefined { symbols: vec!["outside".to_owned()] };
    assert_eq!(linked.load().map(drop), Err(undefined));
    let mut symbols = SymbolTable::new();
    // SAFETY: bitcode calls it with these types.
    unsafe { symbols.register("outside", outside as *const u8) };
    linked.provide(&symbols);
    assert_eq!(run(&linked.load().expect("all symbols are known"), &best), (Some(20.0), 0));
}

#[test]
fn bodies_that_need_what_is_not_there_are_called() {
    if !is_available() {
        return;
    }
    let _alone = ALONE.lock().expect("no test failed");
    let total = result(TOTAL);
    // An index is checked, and what a wrong one calls is in no host.
    let checked = "
#![no_std]
#[unsafe(no_mangle)]
pub unsafe extern \"C\" fn price_book(book: *const u8, level: i64) -> f64 {
    // SAFETY: nodes call it with the book.
    let prices = unsafe { &*book.add(8).cast::<[f64; 4]>() };
    prices[level as usize]
}
";
    let bodies = bitcode("checked", checked);
    let mut linked = module(&[&total]);
    linked.link_ffi_bitcode(&bodies, true).expect("it fits");
    linked.optimize().expect("it is valid");
    match linked.load().map(drop) {
        Err(ModuleError::Undefined { symbols }) => assert!(symbols[0].contains("panic_bounds_check"), "{symbols:?}"),
        other => panic!("{other:?}"),
    }
    let mut linked = module(&[&total]);
    let refused = linked.link_ffi_bitcode_or_call(&bodies, true);
    assert!(matches!(refused, Some(ModuleError::Undefined { .. })), "{refused:?}");
    linked.optimize().expect("it is valid");
    assert_eq!(run(&linked.load().expect("all symbols are known"), &total), (Some(24.0), 5));
}

//! Results that differ in addresses alone, which keys do not say: no module runs one on what the other knows.

use std::sync::Arc;

use cfunc_compiler::{
    CompilationOptions, CompilationResult, Effects, ForeignFunction, InstantiateError, LlvmModule, ModuleError,
    SymbolTable, Type, Value,
};

use crate::common::{compiled, context_with, is_available, request};

extern "C" fn mid_book(book: *const f64) -> f64 {
    // SAFETY: nodes call it with a book.
    unsafe { *book }
}

extern "C" fn doubled_mid_book(book: *const f64) -> f64 {
    // SAFETY: nodes call it with a book.
    2.0 * unsafe { *book }
}

static BOOKS: [f64; 2] = [10.0, 20.0];

/// A result with a book and a function at addresses, beside others that it does not use.
fn result(book: &'static f64, function: *const u8, unused: &'static f64) -> CompilationResult {
    let context = context_with(|registrar| {
        let book = registrar.opaque_type("Book")?;
        let mid = ForeignFunction::new("mid").parameter("book", book).result(Type::FLOAT64);
        registrar.foreign_methods(book, "book", [mid.effects(Effects::Reads)])
    });
    let mut symbols = SymbolTable::new();
    // SAFETY: the functions take a book; all live as long as the program.
    unsafe {
        symbols.register("mid_book", function);
        symbols.register_object("main", std::ptr::from_ref(book).cast());
        symbols.register_object("unused", std::ptr::from_ref(unused).cast());
    }
    let text = "def added(x: Signal[float], book: Book) -> Signal[float]:\n    return x + book.mid()\n";
    let request = request(text).constant("book", Value::object("Book", "main")).symbols(Arc::new(symbols));
    compiled(&context, &request)
}

#[test]
fn what_has_other_addresses_is_another_function() {
    if !is_available() {
        return;
    }
    let known = result(&BOOKS[0], mid_book as *const u8, &BOOKS[0]);
    let others = [
        (result(&BOOKS[1], mid_book as *const u8, &BOOKS[0]), "another object by the name `main`"),
        (result(&BOOKS[0], doubled_mid_book as *const u8, &BOOKS[0]), "another function by the symbol `mid_book`"),
    ];
    let same = result(&BOOKS[0], mid_book as *const u8, &BOOKS[1]);
    let mut module = LlvmModule::new(&CompilationOptions::default()).expect("LLVM is there");
    module.add(&known).expect("it is the first");
    for (other, said) in &others {
        assert_eq!(other.native_name(), known.native_name());
        match module.add(other) {
            Err(ModuleError::Conflict { function, reason }) => {
                assert!(function == known.native_name() && reason.contains(said), "{reason}");
            }
            unexpected => panic!("{said}: {unexpected:?}"),
        }
    }
    assert_eq!(module.add(&same), Ok(()));
    module.optimize().expect("it is valid");
    let loaded = module.load().expect("all symbols are known");
    for (other, said) in &others {
        match loaded.instantiate(other).map(drop) {
            Err(InstantiateError::NotInModule { reason, .. }) => assert!(reason.contains(said), "{reason}"),
            unexpected => panic!("{said}: {unexpected:?}"),
        }
    }
    for result in [&known, &same] {
        let mut node = loaded.instantiate(result).expect("it is in the module");
        let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.start().expect("it starts");
        node.set(x, 1.0);
        node.execute().expect("it runs");
        assert_eq!(node.ticked(out), Some(11.0));
    }
}

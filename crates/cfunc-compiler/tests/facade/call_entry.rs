//! Plain functions through their C entry, on every engine.

use std::sync::Arc;

use cfunc_compiler::{
    ArgumentTypes, Backend, CompilationContext, CompileError, CompileRequest, CompiledCall, NodeErrorKind, Source,
    Stage, backends, backends_at_all_levels, compile_call,
};

fn context() -> CompilationContext {
    CompilationContext::builder().with(cfunc_compiler::defaults()).build().unwrap()
}

#[track_caller]
fn compile_on(backend: &Arc<dyn Backend>, text: &str, types: &str) -> CompiledCall {
    let request = CompileRequest::new(Source::new("f.py", text)).function("f").backend(Arc::clone(backend));
    compile_call(&context(), &request, &ArgumentTypes::parse(types)).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn refused(text: &str, types: &str) -> String {
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    match compile_call(&context(), &request, &ArgumentTypes::parse(types)) {
        Err(error @ CompileError::Diagnostics { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// The address of a cell, as an argument or a result.
fn cell<T>(value: &mut T) -> *mut u8 {
    std::ptr::from_mut(value).cast()
}

#[test]
fn two_floats() {
    for backend in &backends_at_all_levels() {
        let call = compile_on(backend, "def f(x, y):\n    return x * y + 0.5\n", "(float, float)");
        assert_eq!(call.signature(), "(float, float) -> float");
        let (mut x, mut y, mut result) = (3.0_f64, 4.0_f64, 0.0_f64);
        let arguments = [cell(&mut x), cell(&mut y)];
        // SAFETY: two cells of floats, and one for the result.
        unsafe { call.call(cell(&mut result), arguments.as_ptr()) }.unwrap();
        assert_eq!(result, 12.5, "{}", call.backend_name());
    }
}

#[test]
fn errors_have_kind_message_and_place() {
    let text = "def half(x):\n    if x < 0:\n        raise ValueError('below zero')\n    return x / 2\n\ndef f(x):\n    return half(x)\n";
    for backend in &backends_at_all_levels() {
        let call = compile_on(backend, text, "(int,)");
        let (mut x, mut result) = (5_i64, 7.0_f64);
        // SAFETY: a cell of an int, and one for the result.
        unsafe { call.call(cell(&mut result), [cell(&mut x)].as_ptr()) }.unwrap();
        assert_eq!(result, 2.5);
        x = -1;
        // SAFETY: as above.
        let error = unsafe { call.call(cell(&mut result), [cell(&mut x)].as_ptr()) }.unwrap_err();
        assert_eq!((error.kind, &*error.message), (NodeErrorKind::ValueError, "below zero"));
        assert_eq!(call.error_position(&error), Some(("f.py", 3, 9)));
        assert_eq!(result, 2.5, "nothing is written by a call that fails");
    }
}

#[test]
fn components_lie_as_in_a_struct() {
    #[repr(C)]
    struct Both {
        truth: i8,
        number: f64,
    }
    let text = "def f(none, flag, x):\n    return flag, x + (1 if none is None else 2)\n";
    for backend in &backends_at_all_levels() {
        let call = compile_on(backend, text, "(None, bool, float)");
        assert_eq!(call.signature(), "(None, bool, float) -> tuple[bool, float]");
        let (mut flag, mut x, mut both) = (2_i8, 1.5, Both { truth: 7, number: 0.0 });
        let arguments = [std::ptr::null_mut(), cell(&mut flag), cell(&mut x)];
        // SAFETY: cells as the types say; None has none.
        unsafe { call.call(cell(&mut both), arguments.as_ptr()) }.unwrap();
        assert_eq!((both.truth, both.number), (1, 2.5));
    }
}

#[test]
fn nothing_returned_is_none_and_not_written() {
    for backend in &backends_at_all_levels() {
        let call = compile_on(backend, "def f(x):\n    if x > 0:\n        return\n    x += 1\n", "(int,)");
        assert_eq!(call.known_result(), Some(&cfunc_compiler::Value::None));
        let mut x = 3_i64;
        // SAFETY: a cell of an int; no result is written.
        unsafe { call.call(std::ptr::null_mut(), [cell(&mut x)].as_ptr()) }.unwrap();
        assert_eq!(x, 3, "arguments are not written");
    }
}

#[test]
fn annotated_parameters_convert_and_defaults_stand() {
    let text = "def f(x: float, y=2, name='by'):\n    return x / y if name == 'by' else 0.0\n";
    for backend in &backends_at_all_levels() {
        let call = compile_on(backend, text, "(int,)");
        assert_eq!(call.signature(), "(int, ..., ...) -> float");
        let (mut x, mut result) = (5_i64, 0.0_f64);
        let arguments = [cell(&mut x), std::ptr::null_mut(), std::ptr::null_mut()];
        // SAFETY: a cell of an int, and one for the result.
        unsafe { call.call(cell(&mut result), arguments.as_ptr()) }.unwrap();
        assert_eq!(result, 2.5);
    }
}

#[test]
fn keys_tell_signatures_apart() {
    let text = "def f(x, y):\n    return x + y\n";
    let backend = backends().pop().unwrap();
    let of = |types: &str| compile_on(&backend, text, types).semantic_key().to_owned();
    assert_eq!(of("(int, int)"), of("(int, int)"));
    assert_ne!(of("(int, int)"), of("(int, bool)"));
    let annotated = compile_on(&backend, "def f(x: float, y):\n    return x + y\n", "(int, float)");
    assert_ne!(of("(float, float)"), annotated.semantic_key());
    assert!(annotated.dump(Stage::Types).unwrap().starts_with("call f(int "));
}

#[test]
fn what_is_no_plain_function_is_refused() {
    let said = refused("def f(x):\n    return f(x)\n", "(int,)");
    assert!(said.contains("`f` calls itself"), "{said}");
    let said = refused("def f(x):\n    return x + 'a'\n", "(int,)");
    assert!(said.contains("f.py:2:"), "{said}");
    let said = refused("def f(x: int):\n    return x\n", "(float,)");
    assert!(said.contains("`x` is given float, which does not convert to int"), "{said}");
    let said = refused("def f(x, y):\n    return x\n", "(float,)");
    assert!(said.contains("there is no argument for `y`"), "{said}");
    let said = refused("def f(x):\n    return x\n", "(float, int)");
    assert!(said.contains("2 types are given for `f`, which has 1 parameter"), "{said}");
    let said = refused("def f(x):\n    return x\n", "(flaot,)");
    assert!(said.contains("`flaot` is no type"), "{said}");
}

#[test]
fn the_declaration_names_cells() {
    let backend = backends().pop().unwrap();
    let call = compile_on(&backend, "def f(x, xs):\n    xs.append(x)\n    return xs\n", "(float, list[float])");
    let declaration = call.c_declaration();
    let expected = format!(
        "/* f(float, list[float]) -> list[float]\n * arguments[0], x: double * of float\n * arguments[1], xs: the \
         list[float] itself\n * result: void **, the list[float], which the caller owns\n */\nint32_t {}(void *result, \
         void *const *arguments);\n",
        call.native_name()
    );
    assert_eq!(declaration, expected);
}

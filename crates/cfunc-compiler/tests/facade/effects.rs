//! Handlers of the syntax tree: side effects happen as often and in the order in which Python has them.

use std::cell::RefCell;
use std::sync::Arc;

use cfunc_compiler::ast::{Expression, ExpressionKind};
use cfunc_compiler::ir::Signature;
use cfunc_compiler::{
    CompilationContext, CompileRequest, Effects, ExpressionNode, Extension, ExtensionId, HandlerResult, Operand,
    PrivateFunction, Registrar, RegistrationError, Representation, Source, SymbolTable, TransformApi, Type, builders,
    compile, defaults,
};

use crate::common::on_every_engine;

thread_local! {
    static TRACE: RefCell<Vec<i64>> = const { RefCell::new(Vec::new()) };
}

extern "C" fn trace(key: i64) {
    TRACE.with_borrow_mut(|trace| trace.push(key));
}

/// `note(key, value)` is the value, and the key goes to the trace.
struct Notes;

impl Extension for Notes {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("notes", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker("note")?;
        let record = registrar.private_function("record");
        registrar.builtin(record.callable, &[Type::INT64], Type::NONE, |b, signature, operands| {
            let native = Signature::new(&[Representation::I64], &[]);
            b.call_external("trace", native, Effects::Writes, &[operands[0].value()]);
            Ok(Operand::new(signature.result, &[]))
        });
        registrar.before_expression(ExpressionNode::Call, 0, move |api, call| note(api, call, record));
        Ok(())
    }
}

fn note(api: &mut dyn TransformApi, call: &Expression, record: PrivateFunction) -> HandlerResult<Option<Expression>> {
    let ExpressionKind::Call { function, arguments, .. } = &call.kind else { return Ok(None) };
    let marker = api.definition_of(function).and_then(|definition| definition.marker.as_ref());
    let ([key, value], Some("note")) = (arguments.as_slice(), marker.map(|marker| &*marker.0)) else { return Ok(None) };
    let span = call.span;
    let noted = api.new_local("noted", span);
    let value = api.transform(value.clone());
    let recorded = builders::call(span, api.registered(record.global, span), vec![key.clone()]);
    let statements = vec![builders::assign(span, noted.clone(), value), builders::expression_statement(recorded)];
    Ok(Some(builders::sequence(span, statements, noted)))
}

fn context() -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(Notes)
        .build()
        .expect("the extensions fit together")
}

/// A function of `notes.py`, its input, what it gives, and the keys in the order of their notes; all as CPython has it
/// with `def note(key, value): trace.append(key); return value`. None: an error ends the call.
type Case = (&'static str, i64, Option<i64>, &'static [i64]);

#[test]
fn effects_happen_where_python_has_them() {
    on_every_engine(|engine| {
        for (function, x, result, expected) in CASES {
            let mut symbols = SymbolTable::new();
            // SAFETY: the function has the signature that the rule declares, and may be called from every thread.
            unsafe { symbols.register("trace", trace as *const u8) };
            let request = CompileRequest::new(Source::new("notes.py", include_str!("notes.py")))
                .function(*function)
                .symbols(Arc::new(symbols))
                .backend(Arc::clone(&engine));
            let compiled = compile(&context(), &request).unwrap_or_else(|error| panic!("{error}"));
            let mut node = compiled.instantiate().expect("ints have cells");
            let (input, output) = (node.input::<i64>("x").expect("an int"), node.output::<i64>(0).expect("an int"));
            node.start().expect("START");
            node.set(input, *x);
            TRACE.with_borrow_mut(Vec::clear);
            let outcome = node.execute();
            assert_eq!(outcome.is_ok(), result.is_some(), "{function}({x}): {outcome:?}");
            assert_eq!(node.ticked(output), *result, "{function}({x})");
            assert_eq!(TRACE.with_borrow(Vec::clone), *expected, "{function}({x})");
        }
    });
}

const CASES: &[Case] = &[
    ("whiles", 0, Some(3), &[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4]),
    ("whiles", 1, Some(3), &[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4]),
    ("whiles", 2, Some(3), &[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4]),
    ("whiles", 3, Some(3), &[1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 4]),
    ("whiles_that_continue", 0, Some(4), &[1, 2, 3, 1, 2, 3, 4, 5, 1, 2, 3, 1, 2, 3, 4, 5, 1, 2]),
    ("whiles_that_continue", 1, Some(4), &[1, 2, 3, 1, 2, 3, 4, 5, 1, 2, 3, 1, 2, 3, 4, 5, 1, 2]),
    ("whiles_that_continue", 2, Some(4), &[1, 2, 3, 1, 2, 3, 4, 5, 1, 2, 3, 1, 2, 3, 4, 5, 1, 2]),
    ("whiles_that_continue", 3, Some(4), &[1, 2, 3, 1, 2, 3, 4, 5, 1, 2, 3, 1, 2, 3, 4, 5, 1, 2]),
    ("operands", 0, Some(1), &[1, 4, 5, 6, 7]),
    ("operands", 1, Some(3), &[1, 2, 4, 5, 6, 7]),
    ("operands", 2, Some(3), &[1, 2, 3, 4, 5, 7]),
    ("operands", 3, Some(6), &[1, 2, 3, 4, 7, 8, 9]),
    ("values_of_operands", 0, Some(7), &[1, 3]),
    ("values_of_operands", 1, Some(2), &[1, 2]),
    ("values_of_operands", 2, Some(3), &[1, 2]),
    ("values_of_operands", 3, Some(4), &[1, 2]),
    ("conditionals", 0, Some(23), &[2, 3, 7, 8]),
    ("conditionals", 1, Some(21), &[2, 3, 7, 5, 4]),
    ("conditionals", 2, Some(12), &[2, 1, 7, 5, 6]),
    ("conditionals", 3, Some(12), &[2, 1, 7, 5, 6]),
    ("nested", 0, Some(5), &[2, 4, 5, 3, 1, 6]),
    ("nested", 1, Some(6), &[2, 4, 5, 3, 1, 6]),
    ("nested", 2, Some(7), &[2, 4, 5, 3, 1, 6]),
    ("nested", 3, Some(8), &[2, 4, 5, 3, 1, 6]),
    ("compared", 0, Some(1), &[1, 2, 5, 6, 7]),
    ("compared", 1, Some(3), &[1, 2, 3, 4, 5, 6, 7]),
    ("compared", 2, Some(3), &[1, 2, 3, 4, 5, 6, 7]),
    ("compared", 3, Some(1), &[1, 2, 3, 5, 6, 7]),
    ("subscripts", 0, Some(4), &[1, 2, 3, 4, 5, 8, 7, 6, 9, 10]),
    ("subscripts", 1, Some(24), &[1, 2, 3, 4, 5, 8, 7, 6, 9, 10]),
    ("subscripts", 2, Some(15), &[1, 2, 3, 4, 5, 8, 7, 6, 9, 10]),
    ("subscripts", 3, None, &[1, 2, 3, 4]),
    ("loops", 0, Some(5), &[1, 2, 3, 6, 3, 4, 5, 6, 3, 4, 5, 4, 5, 6, 3, 4, 5, 4, 5, 4]),
    ("loops", 1, Some(5), &[1, 2, 3, 4, 5, 6, 3, 4, 5, 4, 5, 6, 3, 4, 5, 4, 5, 4]),
    ("loops", 2, Some(5), &[1, 2, 3, 4, 5, 4, 5, 6, 3, 4, 5, 4, 5, 4]),
    ("loops", 3, Some(3), &[1, 2, 3, 4, 5, 4, 5, 4]),
    ("tried", 0, Some(11), &[2, 1, 3, 5, 6, 7]),
    ("tried", 1, Some(21), &[2, 1, 3, 5, 6, 7]),
    ("tried", 2, Some(-1), &[2, 4, 6, 7]),
    ("tried", 3, Some(-1), &[2, 4, 6, 7]),
    ("asserted", 0, Some(0), &[1, 2, 4]),
    ("asserted", 1, Some(0), &[1, 2, 4]),
    ("asserted", 2, Some(2), &[1, 2, 3, 5]),
    ("asserted", 3, Some(0), &[1, 2, 3, 4]),
    ("walrus", 0, Some(6), &[1, 5, 6]),
    ("walrus", 1, Some(6), &[1, 5, 6]),
    ("walrus", 2, Some(6), &[1, 2, 3, 5, 6]),
    ("walrus", 3, Some(3), &[1, 2, 3, 4]),
    ("matched", 0, Some(0), &[1, 3, 5]),
    ("matched", 1, Some(1), &[1, 2]),
    ("matched", 2, Some(0), &[1, 3, 5]),
    ("matched", 3, Some(3), &[1, 3, 4]),
    ("helped", 0, Some(2), &[1, 2, 4, 6, 3]),
    ("helped", 1, Some(4), &[1, 2, 4, 6, 3]),
    ("helped", 2, Some(6), &[1, 2, 4, 6, 3]),
    ("helped", 3, Some(4), &[1, 2, 4, 5, 3]),
    ("rebound", 0, Some(1012), &[1, 2]),
    ("rebound", 1, Some(1112), &[1, 2]),
    ("rebound", 2, Some(1212), &[1, 2]),
    ("rebound", 3, Some(1312), &[1, 2]),
];

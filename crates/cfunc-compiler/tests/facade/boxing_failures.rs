//! What fails on the way out: nothing is lost of the result, and what a call changed is written back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cfunc_compiler::ir::Signature as IrSignature;
use cfunc_compiler::{
    BoxError, CallError, CellForm, CompilationContext, CompileRequest, DataModel, Dispatcher, Effects, HostObject,
    NativeValue, NativeWord, Operand, Representation, Source, SymbolTable, Type, Value, backends, exact,
};

use crate::common::context_with;
use crate::dispatch::{int, list};

/// Who owns the one counted object. Tests that count run one at a time within one function.
static OWNERS: AtomicI64 = AtomicI64::new(0);

extern "C" fn count(object: *mut u8, change: i64) -> *mut u8 {
    OWNERS.fetch_add(change, Ordering::SeqCst);
    object
}

/// An owner among the host's values.
struct Owner;

impl Drop for Owner {
    fn drop(&mut self) {
        OWNERS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A context with counted objects, `Counted`, and with ints of which 9 cannot be boxed and the rule of 77 panics, `Odd`.
fn with_odd() -> CompilationContext {
    context_with(|registrar| {
        let counted = registrar.define_type("Counted", DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        let family = registrar.types().definition(counted).constructor;
        let signature =
            || IrSignature::new(&[Representation::Pointer, Representation::I64], &[Representation::Pointer]);
        registrar.ownership(
            family,
            move |b, object| {
                let operands = [object.value(), b.int64(1)];
                Ok(Operand::scalar(object.ty, b.call_external_value("count", signature(), Effects::Writes, &operands)?))
            },
            move |b, object| {
                let operands = [object.value(), b.int64(-1)];
                b.call_external_value("count", signature(), Effects::Writes, &operands).map(|_| ())
            },
        );
        registrar.type_of_kind("counted", counted);
        registrar.unbox_kind("counted", exact(counted), |_context, _ty, _value| {
            OWNERS.fetch_add(1, Ordering::SeqCst);
            NativeValue::scalar(NativeWord::address(0x1000)).with_clean_up(|| {
                OWNERS.fetch_sub(1, Ordering::SeqCst);
            })
        });
        registrar.box_value(exact(counted), |_context, _cells| Ok(Value::host("counted", HostObject::new(Owner))));

        let odd = registrar.define_type("Odd", DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        let make = registrar.function("Odd");
        registrar.builtin(make, &[Type::INT64], odd, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        registrar.type_of_kind("odd", odd);
        registrar.unbox_kind("odd", exact(odd), |_context, _ty, value| match value {
            Value::Host(host) => NativeValue::scalar(NativeWord::int64(*host.downcast_ref::<i64>().unwrap_or(&0))),
            _ => NativeValue::error("no odd int"),
        });
        registrar.box_value(exact(odd), |_context, cells| match cells.integer() {
            9 => Err(BoxError::new("nine is not odd enough")),
            77 => panic!("77 is too odd"),
            number => Ok(Value::Integer(number)),
        });
        Ok(())
    })
}

/// The functions of a text on each engine.
fn functions(text: &str, function: &str) -> Vec<Dispatcher> {
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the ownership rules call it with.
    unsafe { symbols.register("count", count as *const u8) };
    let symbols = Arc::new(symbols);
    let of = |backend| {
        let request = CompileRequest::new(Source::new("f.py", text)).function(function).backend(backend);
        Dispatcher::builder(&with_odd(), request.symbols(Arc::clone(&symbols))).build().unwrap()
    };
    backends().into_iter().map(of).collect()
}

fn quiet<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = work();
    std::panic::set_hook(hook);
    outcome
}

#[test]
fn what_is_counted_is_not_lost_behind_what_cannot_be_boxed() {
    let text = "def first(a, n):\n    return (Odd(n), a)\n\
                def last(a, n):\n    return (a, Odd(n))\n\
                def deep(a, n):\n    return (a, (Odd(n), a), (1, (a,)))\n";
    for name in ["first", "last", "deep"] {
        for function in functions(text, name) {
            for (number, fails) in [(1, None), (9, Some("nine is not odd enough")), (77, Some("77 is too odd"))] {
                let object = Value::host("counted", HostObject::new(0_u8));
                let outcome = quiet(|| function.call(&mut [object, int(number)]));
                match fails {
                    None => drop(outcome.unwrap()),
                    Some(why) => assert!(outcome.unwrap_err().to_string().contains(why)),
                }
                assert_eq!(OWNERS.load(Ordering::SeqCst), 0, "{name} of {number}");
            }
        }
    }
}

#[test]
fn rules_that_panic_keep_nothing_from_being_written_back() {
    let odd = |number: i64| Value::host("odd", HostObject::new(number));
    let text = "def returns(xs, ys, n):\n    xs.append(Odd(n))\n    ys.append(5)\n    return 3\n\
                def raises(xs, ys, n):\n    xs.append(Odd(n))\n    ys.append(5)\n    raise ValueError('mine')\n\
                def gives(xs, ys, n):\n    ys.append(5)\n    return Odd(n)\n";
    for name in ["returns", "raises", "gives"] {
        for function in functions(text, name) {
            for number in [1, 9, 77] {
                let mut arguments = [Value::List(vec![odd(1)]), list([1]), int(number)];
                let outcome = quiet(|| function.call(&mut arguments));
                // What ended the call first is what is told.
                match (name, number) {
                    ("raises", _) => assert!(matches!(&outcome, Err(CallError::Node(_))), "{outcome:?}"),
                    (_, 1) => assert!(outcome.is_ok(), "{outcome:?}"),
                    (_, 9) => assert!(matches!(&outcome, Err(CallError::Box { .. })), "{outcome:?}"),
                    _ => assert!(matches!(&outcome, Err(CallError::Extension(_))), "{outcome:?}"),
                }
                assert_eq!(arguments[1], list([1, 5]), "{name} of {number}");
            }
        }
    }
}

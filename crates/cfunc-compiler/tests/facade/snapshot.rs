//! Snapshots of what extensions bring, limits of memory, and what is refused.

use std::num::NonZeroU64;

use cfunc_compiler::{
    CellForm, CompilationContext, CompilationResult, DataModel, Extension, ExtensionId, ItemPart, ItemsForm,
    NativeFunction, NodeErrorKind, NodeInstance, Registrar, RegistrationError, Representation, RuntimeFunction,
    SnapshotError, SnapshotForm, Type, Value, compile, defaults,
};

use crate::common::{compiled, on_every_engine, request};
use crate::extension;

/// `Handle` is an address that nobody owns; `Ticket` a number that means something in this process alone; `Queue` is saved by
/// functions that no host has.
struct Handles;

impl Extension for Handles {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("handles", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let pointer = DataModel::Scalar(Representation::Pointer);
        let handle = registrar.define_type("Handle", pointer, CellForm::Scalar)?;
        let handle = registrar.types().definition(handle).constructor;
        registrar.convert_value(handle, |value| matches!(value, Value::None).then_some(Value::None));
        let ticket = registrar.define_type("Ticket", DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        let ticket = registrar.types().definition(ticket).constructor;
        registrar.convert_value(ticket, |value| matches!(value, Value::None).then_some(Value::Integer(0)));
        registrar.snapshot(ticket, |types, ty| {
            SnapshotForm::Refused(format!("a {} means something in one process alone", types.name(ty)))
        });
        let queue = registrar.define_type("Queue", DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        let queue = registrar.types().definition(queue).constructor;
        registrar.convert_value(queue, |value| matches!(value, Value::None).then_some(Value::None));
        registrar.snapshot(queue, |_types, _ty| {
            let absent = NativeFunction::Symbol("queue_of_nobody".into());
            SnapshotForm::Items(ItemsForm {
                parts: vec![ItemPart { ty: Type::FLOAT64, offset: 0, extended: false }],
                size: 8,
                make: absent.clone(),
                make_arguments: Vec::new(),
                read: absent.clone(),
                append: absent.clone(),
                release: absent,
            })
        });
        // Items of no bytes would be without number.
        let nothing = registrar.define_type("Nothing", DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        let nothing = registrar.types().definition(nothing).constructor;
        registrar.convert_value(nothing, |value| matches!(value, Value::None).then_some(Value::None));
        registrar.snapshot(nothing, |_types, _ty| {
            let function = NativeFunction::Runtime(RuntimeFunction::ListNew);
            SnapshotForm::Items(ItemsForm {
                parts: Vec::new(),
                size: 0,
                make: function.clone(),
                make_arguments: Vec::new(),
                read: function.clone(),
                append: function.clone(),
                release: function,
            })
        });
        Ok(())
    }
}

fn handles(text: &str) -> CompilationResult {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Handles);
    let context = builder.build().expect("the extensions fit together");
    compile(&context, &request(text)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn what_is_not_saved_names_its_state_and_says_why() {
    for (ty, reason) in [
        ("Handle", "it holds an address"),
        ("Ticket", "a Ticket means something in one process alone"),
        ("Queue", "the host has not registered the function `queue_of_nobody`"),
        ("Nothing", "its rule describes items that cannot be"),
    ] {
        let text = format!(
            "def kept(x: Signal[float]) -> Signal[float]:\n    held: State[{ty}] = None\n    y: State[float] = 0.0\n    y = x\n    return y\n"
        );
        let node = handles(&text).instantiate().expect("they have cells");
        let expected =
            SnapshotError::Refused { state: "held".to_owned(), ty: ty.to_owned(), reason: reason.to_owned() };
        assert_eq!(node.snapshot(), Err(expected.clone()));
        assert!(expected.to_string().starts_with(&format!("the state `held` of type {ty} cannot be saved: ")));
        let mut node = node;
        assert_eq!(node.restore(b"cfuncsnp"), Err(expected));
    }
}

#[test]
fn a_type_of_several_words_is_saved_by_its_fields() {
    let text = "
def kept(a: Signal[Interval], x: Signal[float]) -> Signal[float]:
    last: State[float] = 0.0
    last = a.width + x + last
    return last
";
    on_every_engine(|engine| {
        let result = extension::result(text, engine);
        let make = || {
            let mut node = result.instantiate().expect("buffers are cells");
            // SAFETY: the function has no variables there, so nothing reads it.
            unsafe { node.supply("host_cells", std::ptr::null()) }.expect("it is declared");
            node
        };
        let mut node = make();
        node.start().expect("START");
        let fields = vec![("low".to_owned(), Value::Float(-0.5)), ("high".to_owned(), Value::Float(4.0))];
        node.set_value(0, &Value::Record("Interval".to_owned(), fields)).expect("an interval");
        let next = |node: &mut NodeInstance| {
            node.set_value(1, &Value::Float(1.0)).expect("a float");
            node.execute().expect("a tick");
            node.output_value(0)
        };
        assert_eq!(next(&mut node), Some(Value::Float(5.5)));
        let snapshot = node.snapshot().expect("it is plain data");
        let mut other = make();
        other.restore(&snapshot).expect("of the same node");
        // The interval did not tick again: its buffer was restored.
        assert_eq!((next(&mut node), next(&mut other)), (Some(Value::Float(11.0)), Some(Value::Float(11.0))));
        // What the host supplies to START, it supplies to a node that is restored without one.
        let mut bare = result.instantiate().expect("buffers are cells");
        assert_eq!(bare.restore(&snapshot), Err(SnapshotError::NotSupplied("host_cells".to_owned())));
        assert!(!bare.is_started());
    });
}

const WINDOW: &str = "
def window(x: Signal[float]) -> Signal[int]:
    seen: State[list[float]] = create_new_list(float)
    counts: State[dict[int, int]] = create_new_dict(int, int)
    seen.append(x)
    counts[len(seen)] = 1
    return len(seen) + len(counts)
";

fn filled(node: &mut NodeInstance, count: usize) -> Option<Value> {
    for _ in 0..count {
        node.set_value(0, &Value::Float(1.0)).expect("a float");
        node.execute().expect("a tick");
    }
    node.output_value(0)
}

#[test]
fn restored_memory_counts_and_its_limit_holds() {
    on_every_engine(|engine| {
        let result = compiled(&request(WINDOW).backend(engine));
        let make = |limit: u64| {
            let mut node = result.instantiate().expect("it has cells");
            node.set_memory_limit(NonZeroU64::new(limit)).expect("it is not started");
            node
        };
        let mut node = make(1 << 20);
        node.start().expect("START");
        assert_eq!(filled(&mut node, 500), Some(Value::Integer(1000)));
        let snapshot = node.snapshot().expect("it is saved");

        let mut other = make(1 << 20);
        other.restore(&snapshot).expect("it fits");
        assert!(other.memory_used().is_some_and(|used| used > 500 * 8 + 500 * 16));
        let refused = make(other.memory_used().expect("it is limited") - 1).restore(&snapshot);
        assert!(matches!(refused, Err(SnapshotError::Memory { kind: NodeErrorKind::MemoryLimit, .. })), "{refused:?}");
        // Beside what it holds it would not fit; in its place it does.
        let used = other.memory_used().expect("it is limited");
        let mut tight = make(used);
        for _ in 0..3 {
            tight.restore(&snapshot).expect("it fits");
            assert_eq!(tight.memory_used(), Some(used));
        }
        let mut small = make(4_096);
        small.start().expect("START");
        filled(&mut small, 3);
        let before = (small.snapshot(), small.memory_used());
        let refused = small.restore(&snapshot).expect_err("it does not fit");
        assert!(matches!(refused, SnapshotError::Memory { kind: NodeErrorKind::MemoryLimit, .. }), "{refused}");
        assert_eq!((small.snapshot(), small.memory_used()), before);
        assert_eq!(filled(&mut small, 1), Some(Value::Integer(8)));
        other.stop().expect("STOP");
        assert_eq!(other.memory_used(), Some(0));
    });
}

#[test]
fn a_rule_for_snapshots_stands_once() {
    struct Again;
    impl Extension for Again {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("again", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            let float = registrar.types().definition(Type::FLOAT64).constructor;
            registrar.snapshot(float, |_types, _ty| SnapshotForm::Plain);
            registrar.snapshot(float, |_types, _ty| SnapshotForm::Plain);
            Ok(())
        }
    }
    let built = CompilationContext::builder().with(defaults()).with(Again).build();
    assert!(matches!(built, Err(RegistrationError::DuplicateRule { .. })));
}

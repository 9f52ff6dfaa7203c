//! Structs, enums and objects of a host together: what functions change, what is said where something does not fit.

use std::ptr::NonNull;

use cfunc_compiler::{
    AbiConfig, AccessError, CfuncEnum, CfuncStruct, CompilationContext, CompileError, Effects, Extension, ExtensionId,
    FieldDescription, FieldType, ForeignFunction, ForeignObject, Member, MemberSet, NodeInstance, RegisterEnumerations,
    RegisterStructs, Registrar, RegistrationError, SnapshotError, StructDescription, Value, compile, defaults,
    foreign_function,
};

use crate::common::{build_with, context_with, on_every_engine, request};

#[derive(Clone, Copy, Debug, PartialEq, CfuncEnum)]
#[repr(i16)]
enum Flag {
    Hidden = 1,
    Ioc = 17,
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Order {
    flags: MemberSet<Flag>,
    price: f64,
    #[cfunc(default = 1)]
    size: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Event {
    order: Order,
    last: Order,
    depth: [f32; 4],
    parent: Option<NonNull<Order>>,
}

struct Ledger {
    total: f64,
}

// SAFETY: the tests give ledgers and nothing else as values of the type.
unsafe impl ForeignObject for Ledger {
    const TYPE: &'static str = "Ledger";
}

fn fix_ledger(_ledger: &Ledger, order: &mut Order) {
    order.price += 100.0;
}

fn record(ledger: &mut Ledger, order: &Order) {
    ledger.total += order.price;
}

struct Trading;

impl Extension for Trading {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.trading", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration_of::<Flag>()?;
        registrar.structure::<Event>()?;
        let ledger = registrar.opaque_type("Ledger")?;
        // The second one has no suffix in Rust, and is a method of its name.
        registrar.foreign_methods(
            ledger,
            "ledger",
            [
                foreign_function!(fn fix_ledger(ledger: &Ledger, order: &mut Order)),
                foreign_function!(fn record(ledger: &mut Ledger, order: &Order)).effects(Effects::WritesInternal),
            ],
        )
    }
}

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Trading).build().expect("the extensions fit together")
}

fn order(price: f64) -> Order {
    Order { flags: MemberSet::EMPTY.with(Flag::Ioc), price, size: 3 }
}

fn event(price: f64) -> Event {
    Event { order: order(price), last: order(0.0), depth: [1.0; 4], parent: None }
}

fn node_of(body: &str) -> String {
    let body = body.replace('\n', "\n    ");
    format!(
        "def f(event: Signal[Event], ledger: Signal[Ledger]) -> Signal[float]:\n    best: State[Order] = None\n    {body}\n"
    )
}

/// What a node that is compiled ends with, and its warnings.
fn run(body: &str, engine: std::sync::Arc<dyn cfunc_compiler::Backend>) -> (Option<Value>, String) {
    let result =
        compile(&context(), &request(&node_of(body)).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
    let mut ledger = Ledger { total: 0.0 };
    let mut node = result.instantiate().expect("its variables have cells");
    // SAFETY: the ledger outlives the node, and is used by it alone.
    unsafe { node.set_pointer(1, std::ptr::from_mut(&mut ledger).cast()) }.expect("an object");
    node.start().expect("START");
    // SAFETY: its one address is NULL.
    unsafe { node.set_struct(0, &event(10.0)) }.expect("a struct");
    node.execute().expect("a tick");
    (node.output_value(0), result.rendered_warnings())
}

#[track_caller]
fn refused(body: &str) -> String {
    match compile(&context(), &request(&node_of(body))) {
        Err(error @ CompileError::Diagnostics { .. }) => error.to_string(),
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn what_a_function_writes_is_seen_or_it_is_refused() {
    on_every_engine(|engine| {
        for body in [
            "ledger.fix(event.order)\nreturn event.order.price",
            "best = event.order\nledger.fix(best)\nreturn best.price",
            "best = event.order\nledger.fix(order=best if event.order.size > 1 else event.order)\nreturn best.price",
        ] {
            assert_eq!(run(body, engine.clone()).0, Some(Value::Float(110.0)), "{body}");
        }
        // What only reads takes copies.
        let body = "o = event.order\nledger.record(o)\nledger.record([o][0])\nreturn o.price";
        assert_eq!(run(body, engine).0, Some(Value::Float(10.0)));
    });
    for body in [
        "o = event.order\nledger.fix(o)\nreturn o.price",
        "x = [event.order]\nledger.fix(x[0])\nreturn x[0].price",
        "ledger.fix(Order(EnumSet(Flag), 1.0))\nreturn event.order.price",
        "ledger.fix(order=Order(event.order.flags, 1.0))\nreturn event.order.price",
    ] {
        let error = refused(body);
        assert!(error.contains("E0305") && error.contains("`.fix()` changes this Order, and it is a copy"), "{error}");
    }
}

#[test]
fn warnings_name_the_part_that_a_copy_is_of() {
    on_every_engine(|engine| {
        let body = "o = event.order\nledger.fix(event.order)\nreturn o.price";
        let (value, warnings) = run(body, engine.clone());
        assert_eq!(value, Some(Value::Float(10.0)));
        assert!(warnings.contains("node.py:3:9: warning[W0005]"), "{warnings}");
        assert!(warnings.contains("`o` holds a copy of `event.order`"), "{warnings}");
        for (body, is_warned) in [
            ("o = event.order\nledger.fix(event.last)\nreturn o.price", false),
            ("o = event.order\nevent.last.price = 1.0\nreturn o.price", false),
            ("o = event.order\nevent.order.price = 1.0\nreturn o.price", true),
            ("o = event.order\nevent.order = event.last\nreturn o.price", true),
            ("o = event.last if event.order.size > 5 else event.order\nevent.last.price = 1.0\nreturn o.price", true),
        ] {
            assert_eq!(run(body, engine.clone()).1.contains("W0005"), is_warned, "{body}");
        }
    });
}

#[test]
fn effects_may_not_contradict_the_signature() {
    for effects in [Effects::Pure, Effects::ReadsInternal, Effects::Reads] {
        let of_rust = build_with(move |registrar| {
            registrar.enumeration_of::<Flag>()?;
            registrar.structure::<Order>()?;
            registrar.opaque_type("Ledger")?;
            registrar
                .foreign_function(foreign_function!(fn fix_ledger(ledger: &Ledger, order: &mut Order)).effects(effects))
        });
        let of_c = build_with(move |registrar| {
            registrar.opaque_type("Ledger")?;
            let function = ForeignFunction::new("fix").parameter("order", "Ledger").effects(effects);
            registrar.foreign_function(function.changes("order"))
        });
        for built in [of_rust, of_c] {
            let error = built.expect_err("it writes").to_string();
            assert!(error.contains("it changes what `order` leads to") && error.contains("effects"), "{error}");
        }
    }
}

#[test]
fn a_struct_of_a_function_is_the_one_that_is_registered() {
    let other = build_with(|registrar| {
        let order = StructDescription::new("Order", 16, 8).field(FieldDescription::new("price", 0, FieldType::Float64));
        registrar.structure_described(&order)?;
        registrar.opaque_type("Ledger")?;
        registrar.foreign_function(foreign_function!(fn record(ledger: &mut Ledger, order: &Order)))
    });
    let error = other.expect_err("of another layout").to_string();
    assert!(error.contains("two structs Order"), "{error}");
    let none = build_with(|registrar| {
        registrar.opaque_type("Ledger")?;
        registrar.foreign_function(foreign_function!(fn record(ledger: &mut Ledger, order: &Order)))
    });
    let error = none.expect_err("there is none").to_string();
    assert!(error.contains("there is no struct `Order` yet: register it before"), "{error}");
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncEnum)]
#[repr(i8)]
enum Small {
    Only = 1,
}

fn known(small: Member<Small>) -> bool {
    small.known().is_some()
}

#[test]
fn an_enum_of_another_width_is_told_the_width() {
    let register = |registrar: &mut Registrar<'_>| {
        registrar.enumeration_of::<Small>()?;
        registrar.foreign_function(foreign_function!(fn known(small: Member<Small>) -> bool))
    };
    let error = build_with(register).expect_err("16 bits").to_string();
    assert!(error.contains("`#[repr(i16)]`") && error.contains("AbiConfig::enum_width"), "{error}");
    let abi = AbiConfig { enum_width: 8, ..AbiConfig::default() };
    let narrow = CompilationContext::builder().with(defaults()).with(crate::common::With(register)).abi(abi).build();
    assert!(narrow.is_ok(), "{:?}", narrow.err());
}

fn instance() -> NodeInstance {
    let text = node_of("best = event.order\nledger.record(best)\nreturn best.price");
    compile(&context(), &request(&text)).expect("it is right").instantiate().expect("its variables have cells")
}

#[test]
fn access_says_how_a_struct_is_given() {
    let mut node = instance();
    let error = node.input::<Event>("event").expect_err("it has addresses");
    assert!(error.to_string().contains("`set_struct`"), "{error}");
    // SAFETY: it is refused.
    let error = unsafe { node.set_pointer(0, std::ptr::null_mut()) }.expect_err("a struct");
    assert!(error.to_string().contains("`set_struct`"), "{error}");
}

#[test]
fn an_object_is_given_before_a_snapshot_is_restored() {
    let mut ledger = Ledger { total: 0.0 };
    let object = std::ptr::from_mut(&mut ledger).cast();
    let mut node = instance();
    // SAFETY: the ledger outlives the nodes, which use it in turns.
    unsafe { node.set_pointer(1, object) }.expect("an object");
    node.start().expect("START");
    let snapshot = node.snapshot().expect("its state is saved");
    let mut other = instance();
    let error = other.restore(&snapshot).expect_err("there is no ledger");
    assert_eq!(error, SnapshotError::ObjectMissing("ledger".to_owned()));
    assert!(error.to_string().contains("`set_pointer` comes before `restore`"), "{error}");
    // SAFETY: as above.
    unsafe { other.set_pointer(1, object) }.expect("an object");
    other.restore(&snapshot).expect("it is the same function");
    // SAFETY: its one address is NULL.
    unsafe { other.set_struct(0, &event(7.0)) }.expect("a struct");
    other.execute().expect("a tick");
    assert_eq!(other.output_value(0), Some(Value::Float(7.0)));
    drop((node, other));
    assert_eq!(ledger.total.to_bits(), 7.0_f64.to_bits());
}

#[test]
fn records_that_do_not_fit_name_the_field() {
    let context = context_with(|registrar| {
        registrar.enumeration_of::<Flag>()?;
        registrar.structure::<Event>().map(drop)
    });
    let text = "def f(event: Signal[Event]) -> Signal[float]:\n    return event.order.price\n";
    let mut node = compile(&context, &request(text)).expect("it is right").instantiate().expect("it has a cell");
    let record = |name: &str, fields: Vec<(&str, Value)>| {
        Value::Record(name.to_owned(), fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let order = |flag: &str, size: i64| {
        let flags = Value::List(vec![Value::from(flag)]);
        record("Order", vec![("flags", flags), ("price", Value::Float(2.5)), ("size", Value::Integer(size))])
    };
    let event = |order: Value, last: Value, parent: Value| {
        let depth = Value::List(vec![Value::Float(0.5); 4]);
        record("Event", vec![("order", order), ("last", last), ("depth", depth), ("parent", parent)])
    };
    let good = || order("Ioc", 1);
    node.set_value(0, &event(good(), good(), Value::None)).expect("it fits");
    for (value, expected) in [
        (event(good(), order("Ioc", -1), Value::None), "in `last`: -1 does not fit `size`"),
        (event(order("NOPE", 1), good(), Value::None), "in `order`: "),
        (event(good(), good(), Value::Integer(5)), "`parent` is an address, of which None alone is given"),
        (record("Event", vec![("order", good())]), "there is no value for `last`"),
        (record("Event", vec![("ordre", good())]), "it has no field `ordre`"),
    ] {
        let error = node.set_value(0, &value).expect_err("it does not fit");
        assert!(matches!(error, AccessError::RecordMismatch { .. }), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = node.set_value(0, &Value::None).expect_err("None is no event");
    assert!(matches!(error, AccessError::ValueMismatch { .. }), "{error:?}");
}

#[test]
fn a_type_that_is_called_is_named() {
    let error = refused("x = Ledger()\nreturn 1.0");
    assert!(error.contains("E0306") && error.contains("the type `Ledger` cannot be called"), "{error}");
}

#[test]
fn the_receiver_is_no_argument() {
    let error = refused("ledger.record()\nreturn 1.0");
    assert!(error.contains("E0304"), "{error}");
    let positional = build_with(|registrar| {
        let shop = registrar.opaque_type("Shop")?;
        let family = registrar.types().definition(shop).constructor;
        let method = registrar.method(family, "price");
        registrar.builtin(
            method,
            &[shop, cfunc_compiler::Type::INT64],
            cfunc_compiler::Type::INT64,
            |_, _, operands| Ok(operands[1].clone()),
        );
        Ok(())
    });
    let text = "def f(shop: Signal[Shop]) -> Signal[int]:\n    return shop.price(1, 2)\n";
    let error = compile(&positional.expect("it is right"), &request(text)).expect_err("too many").to_string();
    assert!(error.contains("it takes 1 arguments, not 2"), "{error}");
}

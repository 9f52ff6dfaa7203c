//! Structs that a derive describes, pointers to them, structs that are computed while a node is compiled, snapshots.

use std::sync::Arc;

use cfunc_compiler::ast::{Expression, ExpressionKind};
use cfunc_compiler::{
    AbiConfig, AccessError, Backend, CellForm, CfuncStruct, CompilationContext, CompilationResult, CustomType,
    Extension, ExtensionId, FieldDescription, FieldType, ModuleScope, NodeErrorKind, RegisterStructs, Registrar,
    RegistrationError, Representation, StructDescription, Type, TypeTable, Value, compile, defaults,
};

use crate::common::{on_every_engine, request};

#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
struct Level {
    price: f64,
    size: u32,
    #[cfunc(enum = "Venue")]
    venue: i8,
    #[cfunc(skip)]
    _unused: [u8; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
#[cfunc(name = "Order")]
struct HostOrder {
    #[cfunc(rename = "identifier", read_only)]
    id: u64,
    best: Level,
    #[cfunc(datetime)]
    time: i64,
    ratio: f32,
    active: bool,
    levels: [Level; 2],
    #[cfunc(enum = "Venue")]
    venues: [i16; 3],
    next: *const HostOrder,
    handle: u16,
}

fn an_order(id: u64, price: f64) -> HostOrder {
    let level = Level { price, size: 7, venue: 1, _unused: [0; 3] };
    HostOrder {
        id,
        best: level,
        time: 5,
        ratio: 0.25,
        active: true,
        levels: [level, Level { price: price + 1.0, ..level }],
        venues: [0, 1, 0],
        next: std::ptr::null(),
        handle: 9,
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
// Sets of 128 bits are aligned as C's integers of 128 bits.
#[repr(C, align(16))]
struct Member {
    #[cfunc(named = "EnumSet[Venue]")]
    venues: [u64; 2],
    before: u8,
    #[cfunc(named = "Venue")]
    home: i16,
    after: u8,
}

fn worth(level: &Level) -> f64 {
    level.price * f64::from(level.size)
}

fn doubled(level: &mut Level) {
    level.size *= 2;
}

struct Orders;

impl Extension for Orders {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.orders", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration("Venue", [("HOME", 0), ("AWAY", 1)])?;
        registrar.structure::<Member>()?;
        let order = registrar.structure::<HostOrder>()?;
        assert_eq!(registrar.structure::<HostOrder>(), Ok(order), "alike, it is there once");
        let level = registrar.types().lookup("Level").expect("it lies inside of orders");
        let family = registrar.types().definition(level).constructor;
        // A method of an extension's own, of places and of copies.
        let method = registrar.method(family, "notional");
        registrar.builtin(method, &[level], Type::FLOAT64, |b, _signature, operands| {
            let address = operands[0].value();
            let price = b.load(Representation::F64, address, 0, cfunc_compiler::ir::MemoryClass::Foreign);
            Ok(cfunc_compiler::Operand::scalar(Type::FLOAT64, price))
        });
        registrar.custom_type(0, Columns);
        registrar.foreign_function(cfunc_compiler::foreign_function!(fn worth(level: &Level) -> f64))?;
        registrar.foreign_function(cfunc_compiler::foreign_function!(fn doubled(level: &mut Level)))?;
        Ok(())
    }
}

/// `Columns["a", "b"]`: a struct of doubles of these names, made when a node is compiled.
struct Columns;

impl CustomType for Columns {
    fn type_of_annotation(
        &self,
        _scope: &ModuleScope<'_>,
        types: &mut TypeTable,
        annotation: &Expression,
    ) -> Option<Type> {
        let ExpressionKind::Subscript { value, index } = &annotation.kind else { return None };
        let ExpressionKind::Name { name, .. } = &value.kind else { return None };
        let ExpressionKind::Tuple(names) = &index.kind else { return None };
        if &**name != "Columns" {
            return None;
        }
        let mut description = StructDescription::new("Columns", 8 * names.len(), 8);
        for (position, name) in names.iter().enumerate() {
            let ExpressionKind::Constant(Value::Text(name)) = &name.kind else { return None };
            description = description.field(FieldDescription::new(name, 8 * position, FieldType::Float64));
        }
        description.name = format!("Columns_{}", names.len());
        types.define_structure(&description, &mut |_types, _name| None).ok()
    }
}

fn compiled(text: &str, engine: Arc<dyn Backend>) -> CompilationResult {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Orders);
    let context = builder.build().unwrap_or_else(|error| panic!("{error}"));
    let request = request(text).function("f").backend(engine);
    compile(&context, &request).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_derived_struct_goes_in_and_out_as_it_is() {
    let text = "
def f(level: Signal[Level]) -> Annotated[Outputs, {'out': Level, 'n': float}]:
    kept: State[Level] = None
    twice = level.notional() * 2.0
    copy = level
    kept = level
    kept.size *= 3
    kept.price += copy.notional()
    return kept, twice
";
    on_every_engine(|engine| {
        let mut node = compiled(text, engine).instantiate().expect("structs have cells");
        let level = node.input::<Level>("level").expect("a struct");
        let (out, twice) = (node.output::<Level>(0).expect("a struct"), node.output::<f64>(1).expect("a float"));
        assert!(matches!(node.input::<f64>("level"), Err(AccessError::TypeMismatch { .. })));
        assert!(matches!(node.output::<HostOrder>(0), Err(AccessError::TypeMismatch { .. })));
        node.start().expect("START");
        let given = Level { price: 2.5, size: 4_000_000_000, venue: 1, _unused: [1, 2, 3] };
        node.set(level, Level { size: 5, ..given });
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(Level { price: 5.0, size: 15, ..given }), "bytes between fields too");
        assert_eq!(node.ticked(twice), Some(5.0));
        node.set(level, given);
        let error = node.execute().expect_err("beyond 32 bits");
        assert_eq!(error.kind, NodeErrorKind::OverflowError);
    });
}

#[test]
fn fields_of_every_form() {
    let text = "
def f(order: Signal[Order], i: Signal[int]) -> Annotated[Outputs, {'a': float, 'b': int, 'c': float, 'd': bool, 'e': int}]:
    order.levels[i].price += 0.5
    order.best = order.levels[1]
    order.ratio = 0.1
    order.venues[i] = order.best.venue
    order.active = not order.active
    order.time += timedelta(microseconds=1)
    total = 0.0
    for level in order.levels:
        total += level.price * level.size
    return order.best.price + order.ratio, order.identifier + order.handle, total, order.active, order.venues[i].value
";
    on_every_engine(|engine| {
        let text = format!("from datetime import timedelta\n{text}");
        let mut node = compiled(&text, engine).instantiate().expect("structs have cells");
        assert!(matches!(node.input::<HostOrder>("order"), Err(AccessError::IsStruct { .. })));
        node.start().expect("START");
        // SAFETY: the struct's one address is NULL.
        unsafe { node.set_struct(0, &an_order(u64::MAX, 10.0)) }.expect("a struct");
        node.set_value(1, &Value::Integer(-1)).expect("an int");
        node.execute().expect("a tick");
        let outputs: Vec<Value> = (0..5).map(|index| node.output_value(index).expect("ticked")).collect();
        let expected = [
            Value::Float(11.5 + f64::from(0.1f32)),
            Value::Integer(8),
            Value::Float(10.0 * 7.0 + 11.5 * 7.0),
            Value::Boolean(false),
            Value::Integer(1),
        ];
        assert_eq!(outputs, expected);
    });
}

#[test]
fn functions_of_the_host_take_structs_by_their_address() {
    let text = "
def f(level: Signal[Level]) -> Annotated[Outputs, {'a': float, 'b': float, 'c': int}]:
    kept: State[Level] = None
    copy = level
    kept = level
    kept.price += 1.0
    doubled(kept)
    doubled(kept)
    kept.size += 1
    return worth(kept), worth(copy), kept.size
";
    on_every_engine(|engine| {
        let mut node = compiled(text, engine).instantiate().expect("structs have cells");
        let level = node.input::<Level>("level").expect("a struct");
        node.start().expect("START");
        node.set(level, Level { price: 2.0, size: 3, ..Level::default() });
        node.execute().expect("a tick");
        let outputs = [0, 1, 2].map(|index| node.output_value(index));
        assert_eq!(outputs, [Value::Float(39.0), Value::Float(6.0), Value::Integer(13)].map(Some));
    });
}

#[test]
fn enumerations_and_sets_are_fields() {
    let text = "
def f(m: Signal[Member], v: Signal[Venue]) -> Annotated[Outputs, {'m': Member, 'n': int, 'b': bool}]:
    kept: State[Member] = None
    kept = m
    kept.venues |= EnumSet(v)
    kept.home = v
    kept.venues.discard(Venue.HOME)
    kept.venues.add(Venue.HOME)
    copy = kept
    copied = copy.venues
    copied.remove(v)
    return kept, len(copy.venues) + kept.before + kept.after, Venue.HOME in m.venues and copy.home == Venue.AWAY and len(copied) == 1
";
    on_every_engine(|engine| {
        let mut node = compiled(text, engine).instantiate().expect("structs have cells");
        let (member, out) = (node.input::<Member>("m").expect("a struct"), node.output::<Member>(0).expect("a struct"));
        node.start().expect("START");
        node.set(member, Member { before: 10, venues: [1, 0], home: 0, after: 20 });
        node.set_value(1, &Value::Integer(1)).expect("a member");
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(Member { before: 10, venues: [3, 0], home: 1, after: 20 }));
        assert_eq!(node.output_value(1), Some(Value::Integer(32)));
        assert_eq!(node.output_value(2), Some(Value::Boolean(true)));
    });
}

#[test]
fn pointers_lead_to_structs_or_nowhere() {
    let text = "
def f(order: Signal[Order]) -> Signal[float]:
    order.next.best.price += 1.0
    if order.next.active:
        return order.next.next.best.price
    return order.next.best.price
";
    on_every_engine(|engine| {
        let mut node = compiled(text, engine).instantiate().expect("structs have cells");
        node.start().expect("START");
        let mut second = an_order(2, 20.0);
        let address = &raw mut second;
        for (next, active, expected) in [
            (address.cast_const(), false, Ok(21.0)),
            (address.cast_const(), true, Err("`next` is NULL")),
            (std::ptr::null(), true, Err("`next` is NULL")),
        ] {
            // SAFETY: no call is under way.
            unsafe { (*address).active = active };
            // SAFETY: the address is NULL or that of an order that lives as long as the node.
            unsafe { node.set_struct(0, &HostOrder { next, ..an_order(1, 10.0) }) }.expect("a struct");
            match (node.execute(), expected) {
                (Ok(()), Ok(price)) => assert_eq!(node.output_value(0), Some(Value::Float(price))),
                (Err(error), Err(message)) => {
                    assert_eq!(error.kind, NodeErrorKind::ValueError);
                    assert!(error.message.contains(message), "{error}");
                }
                (found, _) => panic!("{found:?}"),
            }
        }
    });
}

#[test]
fn structs_may_be_computed_while_a_node_is_compiled() {
    let text = "
def f(row: Signal[Columns['bid', 'ask']]) -> Annotated[Outputs, {'mid': float, 'row': Columns['bid', 'ask']}]:
    last: State[Columns['bid', 'ask']] = None
    mid = (row.bid + row.ask) / 2
    last = row
    last.ask -= mid
    return mid, last
";
    on_every_engine(|engine| {
        let result = compiled(text, engine);
        let ty = result.inputs()[0].ty;
        assert_eq!(result.types().definition(ty).cell, CellForm::Place);
        let mut node = result.instantiate().expect("structs have cells");
        node.start().expect("START");
        let record = |bid: f64, ask: f64| {
            let fields = [("bid", bid), ("ask", ask)].map(|(name, value)| (name.to_owned(), Value::Float(value)));
            Value::Record("Columns_2".to_owned(), fields.into())
        };
        node.set_value(0, &record(1.0, 3.0)).expect("it fits");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Float(2.0)));
        assert_eq!(node.output_value(1), Some(record(1.0, 1.0)));
    });
}

#[test]
fn snapshots_carry_structs() {
    let text = "
def f(level: Signal[Level]) -> Signal[float]:
    kept: State[Level] = None
    seen: State[list[Level]] = []
    kept.price += level.price
    seen.append(level)
    return kept.price + seen[0].price * 100.0 + len(seen)
";
    on_every_engine(|engine| {
        let result = compiled(text, engine);
        let mut node = result.instantiate().expect("structs have cells");
        let level = node.input::<Level>("level").expect("a struct");
        node.start().expect("START");
        node.set(level, Level { price: 2.0, ..Level::default() });
        node.execute().expect("a tick");
        let snapshot = node.snapshot().expect("plain data");
        let mut other = result.instantiate().expect("structs have cells");
        other.restore(&snapshot).expect("it is whole");
        other.set(level, Level { price: 3.0, ..Level::default() });
        other.execute().expect("a tick");
        assert_eq!(other.output_value(0), Some(Value::Float(207.0)));
    });
    let text = "
def f(order: Signal[Order]) -> Signal[float]:
    kept: State[Order] = None
    kept = order
    return kept.ratio
";
    on_every_engine(|engine| {
        let mut node = compiled(text, engine).instantiate().expect("structs have cells");
        node.start().expect("START");
        let error = node.snapshot().expect_err("it holds an address");
        assert!(error.to_string().contains("address"), "{error}");
    });
}

#[test]
fn truth_values_of_structs_are_zero_or_one() {
    let text = "def f(order: Signal[Order], flag: Signal[Flags]) -> Signal[bool]:\n    return flag.on\n";

    #[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
    #[repr(C)]
    struct Flags {
        on: bool,
        off: bool,
    }

    struct More;

    impl Extension for More {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("test.flags", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            registrar.structure::<Flags>().map(|_| ())
        }
    }

    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let context = builder.with(Orders).with(More).build().expect("the extensions fit together");
    let mut node = compile(&context, &request(text)).expect("it is right").instantiate().expect("structs have cells");
    let refused = node.set_bytes(1, &[2, 0]);
    assert!(matches!(refused, Err(AccessError::ValueMismatch { .. })), "{refused:?}");
    assert_eq!(node.set_bytes(1, &[1, 0]), Ok(()));
    let refused = node.set_bytes(0, &[0; size_of::<HostOrder>()]);
    assert!(matches!(refused, Err(AccessError::ValueMismatch { .. })), "addresses are not made of bytes");
}

#[test]
fn descriptions_that_cannot_be_are_refused() {
    struct One(StructDescription);

    impl Extension for One {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("test.one", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            registrar.structure_described(&self.0).map(|_| ())
        }
    }

    let field = |name: &str, offset, ty| FieldDescription::new(name, offset, ty);
    let array = |length| FieldType::Array(Box::new(FieldType::Int64), length);
    for (description, reason) in [
        (StructDescription::new("int", 8, 8), "the name int is that of another type"),
        (StructDescription::new("a b", 8, 8), "`a b` is no name for a struct"),
        (StructDescription::new("A", 8, 3), "aligned to 3 bytes"),
        (StructDescription::new("A", 8, 64), "aligned to 64 bytes"),
        (StructDescription::new("A", 0, 1), "has 0 bytes"),
        (StructDescription::new("A", 12, 8), "has 12 bytes"),
        (StructDescription::new("A", 8, 8).field(field("x", 4, FieldType::Int64)), "beyond the end"),
        (StructDescription::new("A", 16, 8).field(field("x", 4, FieldType::Int64)), "not aligned to 8 bytes"),
        (StructDescription::new("A", 8, 4).field(field("x", 0, FieldType::Int64)), "not aligned to 8 bytes"),
        (StructDescription::new("A", 8, 8).field(field("1", 0, FieldType::Int64)), "`1` is no name for a field"),
        (
            StructDescription::new("A", 8, 8).field(field("x", 0, FieldType::Named("B".to_owned()))),
            "type B, which is not",
        ),
        (StructDescription::new("A", 8, 8).field(field("x", 0, FieldType::Named("str".to_owned()))), "type str"),
        (StructDescription::new("A", 8, 8).field(field("x", 0, FieldType::Int64).sized(4)), "has 4 bytes"),
        (StructDescription::new("A", 8, 8).field(field("x", 0, array(0))), "an array of 0 elements"),
        (StructDescription::new("A", 8, 8).field(field("x", 0, array(u32::MAX))), "an array of 4294967295"),
        (
            StructDescription::new("A", 8, 8).field(field("x", 0, FieldType::Int64).default(1)).field(field(
                "y",
                0,
                FieldType::Int64,
            )),
            "`y` is required and follows `x`",
        ),
        (
            StructDescription::new("A", 8, 8).field(field(
                "x",
                0,
                FieldType::Struct(cfunc_compiler::StructReference::named("A")),
            )),
            "is inside of itself",
        ),
    ] {
        let described = format!("{description:?}");
        let refused = CompilationContext::builder().with(defaults()).with(One(description)).build();
        let error = refused.err().unwrap_or_else(|| panic!("{described}"));
        assert!(error.to_string().contains(reason), "{error}");
    }
    let refused = CompilationContext::builder().with(One(StructDescription::new("A", 8, 8))).build();
    assert!(refused.err().is_some_and(|error| error.to_string().contains("needs the built-ins")));
}

/// Fields that the host has as plain integers: a time, a member, members.
#[derive(Clone, Copy, Debug, Default, PartialEq, CfuncStruct)]
#[repr(C)]
struct Fill {
    #[cfunc(datetime, default = Value::Datetime(5))]
    time: i64,
    #[cfunc(timedelta, default = Value::Timedelta(-6))]
    wait: i64,
    #[cfunc(enum = "Party", default = "SELLER")]
    party: i16,
    #[cfunc(named = "EnumSet[Mark]", default = 0)]
    marks: u32,
    #[cfunc(named = "Party", default = "BUYER")]
    other: i16,
}

struct Fills;

impl Extension for Fills {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.fills", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration("Party", [("BUYER", 1), ("SELLER", -1)])?;
        registrar.enumeration("Mark", [("EARLY", 0), ("LATE", 31)])?;
        registrar.structure::<Fill>().map(|_| ())
    }
}

fn fills() -> CompilationContext {
    let abi = AbiConfig { enumset_width: 32, ..AbiConfig::default() };
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Fills);
    builder.abi(abi).build().unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn fields_of_times_members_and_sets_have_defaults_and_initial_values() {
    let text = "
def f(fill: Signal[Fill]) -> Annotated[Outputs, {'last': Fill, 'made': Fill}]:
    last: State[Fill] = Fill(marks=EnumSet(Mark.LATE))
    before = last
    last = fill
    last.marks |= before.marks
    last.party = before.party
    return last, Fill(wait=timedelta(microseconds=2))
";
    on_every_engine(|engine| {
        let result = compile(&fills(), &request(text).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("structs have cells");
        let fields = |party: i64, marks: &[&str]| {
            let marks = marks.iter().map(|name| Value::from(*name)).collect();
            let fields = [
                ("time", Value::Datetime(5)),
                ("wait", Value::Timedelta(-6)),
                ("party", Value::Integer(party)),
                ("marks", Value::List(marks)),
                ("other", Value::Integer(1)),
            ];
            Value::Record("Fill".to_owned(), fields.map(|(name, value)| (name.to_owned(), value)).into())
        };
        assert_eq!(node.state_value(0), Some(fields(-1, &["LATE"])));
        let (fill, last, made) = (node.input("fill"), node.output(0), node.output(1));
        let (fill, last, made) = (fill.expect("a struct"), last.expect("a struct"), made.expect("a struct"));
        node.start().expect("START");
        let given = Fill { time: 7, wait: 8, party: 1, marks: 1, other: -1 };
        node.set(fill, given);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(last), Some(Fill { party: -1, marks: 1 | 1 << 31, ..given }));
        assert_eq!(node.ticked(made), Some(Fill { time: 5, wait: 2_000, party: -1, marks: 0, other: 1 }));
        // What a state holds goes back in; so does a record with names.
        let held = node.state_value(0).expect("a record");
        node.set_state_value(0, &held).expect("what it holds");
        assert_eq!(node.state_value(0), Some(held));
        let Value::Record(name, mut named) = fields(1, &["EARLY"]) else { unreachable!("it is a record") };
        named[2].1 = Value::from("BUYER");
        named[4].1 = Value::from("BUYER");
        node.set_value(0, &Value::Record(name.clone(), named.clone())).expect("a record with names");
        node.execute().expect("a tick");
        assert_eq!(node.ticked(last), Some(Fill { time: 5, wait: -6, party: -1, marks: 1 | 1 << 31, other: 1 }));
        named[0].1 = Value::Timedelta(5);
        assert!(matches!(node.set_value(0, &Value::Record(name, named)), Err(AccessError::RecordMismatch { .. })));
    });

    let description = StructDescription::new("Wrong", 8, 8)
        .field(FieldDescription::new("x", 0, FieldType::Named("Venue".to_owned())).default("AWAYY"));
    let refused = CompilationContext::builder().with(defaults()).with(Venues(description)).build();
    let refused = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused.contains("the default of the field `x` of Wrong is"), "{refused}");
}

struct Venues(StructDescription);

impl Extension for Venues {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.venues", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration("Venue", [("HOME", 0), ("AWAY", 1)])?;
        registrar.structure_described(&self.0).map(|_| ())
    }
}

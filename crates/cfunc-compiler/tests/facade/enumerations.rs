//! Enums and sets of their members: every width of the ABI, those that an extension registers, values of hosts.

use std::sync::Arc;

use cfunc_compiler::{
    AbiConfig, Backend, CompilationContext, CompileRequest, Effects, Extension, ExtensionId, ForeignFunction,
    NodeErrorKind, NodeInstance, Registrar, RegistrationError, Source, Type, Value, compile, defaults,
};

use crate::common::{compiled, on_every_engine, request};

fn context(enum_width: u32, enumset_width: u32) -> CompilationContext {
    let abi = AbiConfig { enum_width, enumset_width, ..AbiConfig::default() };
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).abi(abi);
    builder.build().expect("the widths are there")
}

fn names(names: &[&str]) -> Value {
    Value::List(names.iter().map(|name| Value::from(*name)).collect())
}

/// A node that keeps sets and members in every place that there is for them.
fn everywhere(width: u32) -> String {
    let last = width - 1;
    let keys = if width <= 64 { "EnumSet[Flag]" } else { "int" };
    let key = if width <= 64 { "flags" } else { "len(flags)" };
    format!(
        "
from enum import Enum

class Flag(Enum):
    A = 0
    B = 6
    LAST = {last}

USUAL = (EnumSet(Flag.A, Flag.B) | EnumSet(Flag.LAST)) - EnumSet(Flag.B)
TABLE = [USUAL, EnumSet(Flag), EnumSet(Flag.B)]

def f(flags: Signal[EnumSet[Flag]], flag: Signal[Flag], bound: EnumSet[Flag]) -> Annotated[Outputs, {{
    'all': EnumSet[Flag], 'n': int, 'before': Flag, 'kept': EnumSet[Flag],
}}]:
    seen: State[EnumSet[Flag]] = USUAL
    history: State[list[EnumSet[Flag]]] = []
    before: State[Flag] = Flag.LAST
    counts: State[dict[Flag, int]] = {{}}
    members: State[list[Flag]] = [Flag.B]
    by_key: State[dict[{keys}, int]] = {{}}
    seen |= flags
    seen.discard(Flag.A)
    history.append(flags | bound)
    counts[flag] = counts.get(flag, 0) + 1
    by_key[{key}] = by_key.get({key}, 0) + 1
    members.append(flag)
    was = before
    before = flag
    n = len(seen) + 1000 * counts[flag] + 10000 * by_key[{key}] + 100000 * (flags in TABLE)
    for member in seen:
        n += 10000000 * (member.value + 1)
    if members[-2] is was or len(members) == 2:
        n += 1000000
    return seen, n, was, history[0]
"
    )
}

fn everywhere_on(backend: &Arc<dyn Backend>, enum_width: u32, width: u32) {
    let bound = names(&["B"]);
    let request = CompileRequest::new(Source::new("f.py", everywhere(width)))
        .constant("bound", bound)
        .backend(Arc::clone(backend));
    let result = compile(&context(enum_width, width), &request).unwrap_or_else(|error| panic!("{width}: {error}"));
    let mut node = result.instantiate().expect("cells for all");
    node.start().expect("it starts");
    let (last, all) = (width - 1, u128::MAX >> (128 - width));
    let position = |flag: u32| Value::Integer(i64::from(flag));
    let mut seen = 1 | 1u128 << last;
    let mut first = None;
    let ticks = [1u128 << last, 0, 1 << 6, all, all ^ 1, 1 << 6];
    let flags = [0, 6, last, 0, 0, 6];
    let (mut counted, mut before) = (Vec::new(), last);
    for (index, (bits, flag)) in ticks.into_iter().zip(flags).enumerate() {
        node.set_value(0, &Value::integer(Some(bits.cast_signed()))).expect("a set of the width");
        node.set_value(1, &position(flag)).expect("a member");
        // The node goes on in another instance, from a snapshot.
        let saved = node.snapshot().expect("plain data and containers");
        node = result.instantiate().expect("cells for all");
        node.restore(&saved).expect("it is of the same node");
        node.execute().expect("no error");
        seen = (seen | bits) & !1;
        counted.push((flag, bits));
        let first = *first.get_or_insert(bits | 1 << 6);
        let flags_seen = counted.iter().filter(|(other, _)| *other == flag).count();
        let key = |bits: u128| if width <= 64 { bits } else { bits.count_ones().into() };
        let keys_seen = counted.iter().filter(|(_, other)| key(*other) == key(bits)).count();
        let in_table = [1 | 1 << last, 0, 1 << 6].contains(&bits);
        let positions: u32 = (0..width).filter(|position| seen >> position & 1 == 1).map(|position| position + 1).sum();
        let number = i64::from(seen.count_ones())
            + 1000 * i64::try_from(flags_seen).expect("few")
            + 10_000 * i64::try_from(keys_seen).expect("few")
            + 100_000 * i64::from(in_table)
            + 1_000_000
            + 10_000_000 * i64::from(positions);
        let what = format!("sets of {width}, enums of {enum_width}, tick {index}");
        let elements = |bits| result.types().set_elements(result.output_types()[0], bits);
        assert_eq!(node.output_value(0), Some(elements(seen)), "{what}");
        assert_eq!(node.output_value(1), Some(Value::Integer(number)), "{what}");
        assert_eq!(node.output_value(2), Some(position(before)), "{what}");
        assert_eq!(node.output_value(3), Some(elements(first)), "{what}");
        assert_eq!(node.output_bytes(0).map(<[u8]>::len), Some(width as usize / 8), "{what}");
        assert_eq!(node.output_bytes(2).map(<[u8]>::len), Some(enum_width as usize / 8), "{what}");
        let state = node.state_index("seen").and_then(|index| node.state_value(index));
        assert_eq!(state, Some(elements(seen)), "{what}");
        before = flag;
    }
    if width < 128 {
        assert!(node.set_value(0, &Value::integer(Some(1i128 << width))).is_err(), "{width}");
    }
    node.stop().expect("it stops");
}

#[test]
fn every_width() {
    on_every_engine(|backend| {
        for (index, width) in (8..=128).step_by(8).enumerate() {
            everywhere_on(&backend, [16, 8, 32, 64][index % 4], width);
        }
    });
}

#[test]
fn enums_in_every_width() {
    let text = "
from enum import Enum

class Code(Enum):
    LOW = SMALLEST
    ZERO = 0
    HIGH = LARGEST

def f(code: Signal[Code], other: Code) -> Annotated[Outputs, {'code': Code, 'n': int, 'last': Code}]:
    last: State[Code] = Code.HIGH
    seen: State[list[Code]] = []
    names: State[dict[Code, Code]] = {}
    seen.append(code)
    names[code] = last
    n = 10 * len(seen) + (code is other)
    for known in names:
        n += 1000 if known is Code.LOW else 100
    was = last
    last = code
    return names[code], n, was if was is not Code.ZERO else other
";
    on_every_engine(|backend| {
        for width in [8, 16, 32, 64] {
            let (smallest, largest) = (i64::MIN >> (64 - width), i64::MAX >> (64 - width));
            // The smallest int is no literal of Python, and neither is its negation one of 64 bits.
            let text = text.replace("SMALLEST", &format!("-{largest} - 1")).replace("LARGEST", &largest.to_string());
            let request = request(&text).constant("other", "LOW").backend(Arc::clone(&backend));
            let result = compile(&context(width, 128), &request).unwrap_or_else(|error| panic!("{width}: {error}"));
            let mut node = result.instantiate().expect("cells for all");
            node.start().expect("it starts");
            for (given, expected) in [
                (Value::from("LOW"), [largest, 1011, largest]),
                (Value::from("Code.HIGH"), [smallest, 1120, smallest]),
                (Value::Integer(0), [largest, 1230, largest]),
                (Value::Integer(0), [0, 1240, smallest]),
            ] {
                node.set_value(0, &given).expect("a member");
                node.execute().expect("no error");
                let got: Vec<_> = (0..3).map(|index| node.output_value(index)).collect();
                assert_eq!(got, expected.map(|value| Some(Value::Integer(value))), "{width}");
            }
            assert!(node.set_value(0, &Value::from("MIDDLE")).is_err());
            assert_eq!(node.output_bytes(0).map(<[u8]>::len), Some(width as usize / 8));
        }
    });
}

/// Brings enums of every kind.
struct Exchange;

impl Extension for Exchange {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("exchange", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration("Side", [("BUY", 1), ("SELL", -1), ("ASK", -1)])?;
        registrar.integer_enumeration("Level", [("LOW", 2), ("HIGH", 9)])?;
        let flag = registrar.enumeration("gateway.Flag", [("POST_ONLY", 0), ("HIDDEN", 5)])?;
        assert_eq!(registrar.types().definition(flag).members.len(), 2);
        Ok(())
    }
}

fn exchange() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Exchange);
    builder.build().expect("the extensions fit together")
}

fn started(context: &CompilationContext, request: &CompileRequest) -> NodeInstance {
    let result = compile(context, request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("cells for all");
    node.start().expect("it starts");
    node
}

#[test]
fn registered_enums_are_as_those_of_a_module() {
    let text = "
import gateway
from gateway import Flag
from anywhere import Side

BEST = Side.BUY
USUAL = EnumSet(gateway.Flag.HIDDEN)

def opposite(side):
    match side:
        case Side.BUY:
            return Side.SELL
    return Side.BUY

def f(side: Signal[Side], n: Signal[int], bound: Side, flags: EnumSet[Flag]) -> Annotated[Outputs, {
    'other': Side, 'n': int, 'flags': EnumSet[Flag],
}]:
    last: State[Side] = Side.SELL
    total = 0
    for known in Side:
        total = total * 10 + known.value + 2
    total += 100 * Level.HIGH + (side is bound) + 1000 * len(Side) + 10000 * (Side['ASK'] is Side.SELL)
    total += 100000 * len(side.name) + 1000000 * isinstance(side, Side)
    try:
        last = Side(n)
    except ValueError:
        total = -total
    own = USUAL | flags
    own.add(Flag.POST_ONLY if side == BEST else gateway.Flag.HIDDEN)
    return opposite(last), total, own
";
    let value = |values: [i64; 2], flags: &[&str]| {
        [Some(Value::Integer(values[0])), Some(Value::Integer(values[1])), Some(names(flags))]
    };
    on_every_engine(|backend| {
        let request = request(text).constant("bound", "SELL").constant("flags", Value::List(Vec::new()));
        let mut node = started(&exchange(), &request.backend(backend));
        for (side, n, expected) in [
            (Value::from("BUY"), 1, value([-1, 1_312_931], &["POST_ONLY", "HIDDEN"])),
            (Value::from("Side.ASK"), -1, value([1, 1_412_932], &["HIDDEN"])),
            (Value::Integer(1), 4, value([1, -1_312_931], &["POST_ONLY", "HIDDEN"])),
        ] {
            node.set_value(0, &side).expect("a member");
            node.set_value(1, &Value::Integer(n)).expect("an int");
            node.execute().expect("no error");
            let got: Vec<_> = (0..3).map(|index| node.output_value(index)).collect();
            assert_eq!(got, expected);
        }
        node.set_value(0, &Value::Integer(7)).expect("any integer fits the cell");
        assert_eq!(node.execute().map_err(|error| error.kind), Err(NodeErrorKind::ValueError), "7 has no name");
    });
    let wrong = text.replace("return Side.SELL", "return Side.BYE");
    let wrong = request(&wrong).constant("bound", "SELL").constant("flags", Value::List(Vec::new()));
    let error = compile(&exchange(), &wrong).expect_err("no such member").to_string();
    assert!(error.contains("`Side` has no `BYE`"), "{error}");
}

/// Registers one enum.
struct One(&'static str, Vec<(&'static str, i64)>);

impl Extension for One {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("one", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration(self.0, self.1.iter().copied()).map(|_: Type| ())
    }
}

#[test]
fn what_cannot_be_registered() {
    let build = |one: One| CompilationContext::builder().with(defaults()).with(one).build();
    for (name, members, expected) in [
        ("Side", vec![], "the enum `Side`: it has no members"),
        ("Side", vec![("A", 1), ("A", 2)], "the enum `Side`: two members have the name `A`"),
        ("Side", vec![("a.b", 1)], "the enum `Side`: `a.b` is no name of a member"),
        (
            "Side",
            vec![("A", 1 << 15)],
            "the enum `Side`: `A`: the value 32768 does not fit into the 16 bits of an enum",
        ),
        ("int", vec![("A", 1)], "the type `int` is registered already"),
    ] {
        let error = build(One(name, members)).expect_err(expected).to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let alone = CompilationContext::builder().with(One("Side", vec![("A", 1)])).build();
    let error = alone.expect_err("no built-in types").to_string();
    assert_eq!(error, "the enum `Side`: no extension before this one brings enumerations");
    for (enum_width, enumset_width, expected) in [
        (12, 128, "enums of 12 bits are not supported: the width is 8, 16, 32 or 64"),
        (128, 128, "enums of 128 bits are not supported: the width is 8, 16, 32 or 64"),
        (16, 0, "sets of enums of 0 bits are not supported: the width is a multiple of 8 from 8 to 128"),
        (16, 20, "sets of enums of 20 bits are not supported: the width is a multiple of 8 from 8 to 128"),
        (16, 136, "sets of enums of 136 bits are not supported: the width is a multiple of 8 from 8 to 128"),
    ] {
        let abi = AbiConfig { enum_width, enumset_width, ..AbiConfig::default() };
        let error = CompilationContext::builder().with(defaults()).abi(abi).build().expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn sets_are_bound_in_every_form() {
    let text = "
from enum import Enum

class Flag(Enum):
    A = 0
    B = 70
    ALSO_B = 70

def f(x: Signal[int], flags: EnumSet[Flag]) -> Signal[EnumSet[Flag]]:
    return flags
";
    let record = |value: i64| Value::Record("Flag".to_owned(), vec![("value".to_owned(), Value::Integer(value))]);
    for (bound, expected) in [
        (names(&["B", "A"]), names(&["A", "B"])),
        (names(&["Flag.ALSO_B"]), names(&["B"])),
        (Value::Tuple(vec![record(70), Value::Integer(0)]), names(&["A", "B"])),
        (Value::Integer(1), names(&["A"])),
        (Value::integer(Some(1 << 70)), names(&["B"])),
        (Value::set_of_members("Flag", 1), names(&["A"])),
        (Value::List(Vec::new()), Value::List(Vec::new())),
    ] {
        let mut node = compiled(&request(text).constant("flags", bound.clone())).instantiate().expect("cells");
        node.start().expect("it starts");
        node.execute().expect("no error");
        assert_eq!(node.output_value(0), Some(expected), "{bound}");
    }
    for wrong in [Value::from("A"), names(&["C"]), Value::Float(1.0), Value::List(vec![Value::Integer(128)])] {
        let context = context(16, 128);
        assert!(compile(&context, &request(text).constant("flags", wrong.clone())).is_err(), "{wrong}");
    }
}

extern "C" fn bits_of(flags: i128) -> i64 {
    i64::from(flags.count_ones())
}

struct Flags;

impl Extension for Flags {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.flags", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration("Flag", [("A", 0), ("B", 70)])?;
        assert!(registrar.types().lookup("EnumSet[Flag]").is_none(), "nothing has named it yet");
        let function = ForeignFunction::new("bits_of").parameter("flags", "EnumSet[Flag]").result(Type::INT64);
        // SAFETY: a function of the program that takes and gives just that, and depends on nothing else.
        let function = unsafe { function.address(bits_of as *const u8) }.effects(Effects::Pure);
        registrar.foreign_function(function)?;
        for name in
            ["EnumSet[Nothing]", "EnumSet[Flag", "EnumSet[int]", "EnumSet[Flag, Flag]", "list[list[int]]", "[Flag]"]
        {
            assert_eq!(registrar.named_type(name), None, "{name}");
        }
        assert!(registrar.named_type("dict[ Flag , int]").is_some());
        Ok(())
    }
}

#[test]
fn a_signature_names_the_first_set() {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Flags);
    let context = builder.build().expect("they register together");
    let text = "def f(flags: Signal[EnumSet[Flag]]) -> Signal[int]:\n    return bits_of(flags | EnumSet(Flag.B))\n";
    let result = compile(&context, &request(text)).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("cells");
    node.start().expect("it starts");
    for (flags, expected) in [(names(&["A"]), 2), (names(&["B"]), 1)] {
        node.set_value(0, &flags).expect("a set");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Integer(expected)));
    }
}

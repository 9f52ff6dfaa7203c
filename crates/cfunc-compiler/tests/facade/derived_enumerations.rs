//! Rust enums as enumerations: their members in cells, fields, arguments; sets of them.

use cfunc_compiler::{
    AbiConfig, AccessError, CfuncEnum, CfuncStruct, CompilationContext, CompilationResult, Extension, ExtensionId,
    Member, MemberSet, RegisterEnumerations, RegisterStructs, Registrar, RegistrationError, Value, compile, defaults,
    foreign_function,
};

use crate::common::{on_every_engine, request};

#[derive(Clone, Copy, Debug, PartialEq, CfuncEnum)]
#[repr(i16)]
enum Side {
    #[cfunc(rename = "BUY")]
    Buy = 1,
    #[cfunc(rename = "SELL")]
    Sell = -1,
}

/// Of the name that `Side` has, with other members.
#[derive(Clone, Copy, Debug, CfuncEnum)]
#[repr(i16)]
#[cfunc(name = "Side")]
enum OtherSide {
    Buy = 1,
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncEnum)]
#[repr(i8)]
#[cfunc(name = "Flag")]
enum OrderFlag {
    Hidden,
    Last = 127,
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Order {
    side: Member<Side>,
    flags: MemberSet<OrderFlag>,
    last: [Member<OrderFlag>; 2],
}

fn reversed(side: Member<Side>) -> Member<Side> {
    match side.known() {
        Some(Side::Buy) => Side::Sell.into(),
        Some(Side::Sell) => Side::Buy.into(),
        None => Member::from_number(side.number() + 1),
    }
}

fn shown(flags: MemberSet<OrderFlag>) -> MemberSet<OrderFlag> {
    flags.without(OrderFlag::Hidden)
}

struct Orders;

impl Extension for Orders {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.orders", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.enumeration_of::<Side>()?;
        registrar.integer_enumeration_of::<OrderFlag>()?;
        registrar.structure::<Order>()?;
        registrar.foreign_function(foreign_function!(fn reversed(side: Member<Side>) -> Member<Side>))?;
        registrar.foreign_function(foreign_function!(fn shown(flags: MemberSet<OrderFlag>) -> MemberSet<OrderFlag>))?;
        Ok(())
    }
}

fn builder(abi: AbiConfig) -> Result<CompilationContext, RegistrationError> {
    CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Orders).abi(abi).build()
}

fn compiled(text: &str) -> CompilationResult {
    let context = builder(AbiConfig::default()).expect("they register together");
    compile(&context, &request(text)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn members_go_in_and_out() {
    let text = "
def f(side: Signal[Side], flags: Signal[EnumSet[Flag]], order: Signal[Order]) -> Annotated[Outputs, {
    'side': Side, 'flags': EnumSet[Flag], 'order': Order, 'n': int
}]:
    kept: State[Order] = None
    kept = order
    kept.side = reversed(side)
    kept.flags |= flags
    kept.last[0] = Flag.Last
    return reversed(side), shown(flags), kept, Flag.Last + kept.last[1] if side is Side.BUY else 0
";
    on_every_engine(|engine| {
        let context = builder(AbiConfig::default()).expect("they register together");
        let result = compile(&context, &request(text).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("cells");
        let side = node.input::<Member<Side>>("side").expect("a member");
        let flags = node.input::<MemberSet<OrderFlag>>("flags").expect("a set");
        let order = node.input::<Order>("order").expect("a struct");
        let reversed = node.output::<Member<Side>>(0).expect("a member");
        let fewer = node.output::<MemberSet<OrderFlag>>(1).expect("a set");
        let changed = node.output::<Order>(2).expect("a struct");
        node.start().expect("START");
        let both: MemberSet<OrderFlag> = [OrderFlag::Hidden, OrderFlag::Last].into_iter().collect();
        let hidden = MemberSet::EMPTY.with(OrderFlag::Hidden);
        let given = Order { side: Side::Buy.into(), flags: hidden, last: [OrderFlag::Hidden.into(); 2] };
        node.set(flags, both);
        node.set(order, given);
        for (number, expected, n) in
            [(Side::Buy.into(), Side::Sell.into(), 127), (Member::from_number(7), Member::from_number(8), 0)]
        {
            node.set(side, number);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(reversed), Some(expected));
            assert_eq!(node.ticked(fewer), Some(both.without(OrderFlag::Hidden)));
            let last = [OrderFlag::Last.into(), OrderFlag::Hidden.into()];
            assert_eq!(node.ticked(changed), Some(Order { side: expected, flags: both, last }));
            assert_eq!(node.output_value(3), Some(Value::Integer(n)));
        }
    });
}

#[test]
fn numbers_are_no_members_unasked() {
    assert_eq!(Member::<Side>::from_number(-1).known(), Some(Side::Sell));
    assert_eq!(Member::<Side>::from_number(0).known(), None);
    assert!(Member::from(Side::Buy) == Side::Buy);
    assert_eq!(format!("{:?} {:?}", Member::from(Side::Buy), Member::<Side>::from_number(4)), "Side.BUY Side(4)");
    let set = MemberSet::<OrderFlag>::from_bits(1 << 127 | 2);
    assert!(set.contains(OrderFlag::Last) && !set.contains(OrderFlag::Hidden));
    assert_eq!(set.without(OrderFlag::Last).bits(), 2);
    assert_eq!(MemberSet::<Side>::EMPTY.with(Side::Sell).bits(), 0, "-1 is the position of no bit");
}

#[test]
fn handles_are_of_their_enumeration() {
    let node = compiled(
        "def f(side: Signal[Side], flag: Signal[Flag], flags: Signal[EnumSet[Flag]], x: Signal[int]) -> Signal[int]:\n    \
         return 1\n",
    );
    let node = node.instantiate().expect("cells");
    assert!(node.input::<Member<Side>>("side").is_ok() && node.input::<i16>("side").is_ok());
    let mismatches = [
        node.input::<Member<OtherSide>>("side").err(),
        node.input::<Member<Side>>("flag").err(),
        node.input::<Member<Side>>("x").err(),
        // Cells have 16 bits, the Rust enum 8.
        node.input::<Member<OrderFlag>>("flag").err(),
        node.input::<MemberSet<Side>>("flags").err(),
        node.input::<MemberSet<OrderFlag>>("flag").err(),
    ];
    for mismatch in mismatches {
        assert!(matches!(mismatch, Some(AccessError::TypeMismatch { .. })), "{mismatch:?}");
    }
}

#[test]
fn other_widths_are_refused() {
    for abi in
        [AbiConfig { enum_width: 32, ..AbiConfig::default() }, AbiConfig { enumset_width: 64, ..AbiConfig::default() }]
    {
        assert!(builder(abi).is_err());
    }
}

//! Fields that are addresses of structs: followed, tested for None, copied as what they are.

use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use cfunc_compiler::{
    Backend, CfuncStruct, CompilationContext, CompileError, Extension, ExtensionId, NodeErrorKind, NodeInstance,
    RegisterStructs, Registrar, RegistrationError, Severity, Value, compile, defaults,
};

use crate::common::{on_every_engine, request};

/// `next` must be there where it is followed; `other` may be None.
#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Link {
    value: f64,
    next: *const Link,
    other: Option<NonNull<Link>>,
}

/// The same with an attribute, and an array.
#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Chain {
    count: i32,
    #[cfunc(nullable)]
    first: *mut Item,
    #[cfunc(nullable)]
    all: [*const Item; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, CfuncStruct)]
#[repr(C)]
struct Item {
    price: f64,
    #[cfunc(nullable)]
    next: *const Item,
}

struct Links;

impl Extension for Links {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.links", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.structure::<Link>()?;
        registrar.structure::<Chain>()?;
        registrar.foreign_function(cfunc_compiler::foreign_function!(fn worth(item: &Item) -> f64))?;
        let shop = registrar.opaque_type("Shop")?;
        registrar.foreign_methods(
            shop,
            "shop",
            [
                cfunc_compiler::foreign_function!(fn cheaper_shop(shop: &Shop, price: f64) -> Option<&Item>).nullable(),
                cfunc_compiler::foreign_function!(fn other_shop(shop: &Shop) -> Option<&Shop>).nullable(),
                cfunc_compiler::foreign_function!(fn count_shop(shop: &Shop) -> i64),
            ],
        )?;
        Ok(())
    }
}

fn worth(item: &Item) -> f64 {
    item.price
}

/// What nodes do not look into.
struct Shop {
    items: Vec<Item>,
    other: Option<Box<Shop>>,
}

// SAFETY: every `Shop` of the contexts here is the Rust type.
unsafe impl cfunc_compiler::ForeignObject for Shop {
    const TYPE: &'static str = "Shop";
}

fn cheaper_shop(shop: &Shop, price: f64) -> Option<&Item> {
    shop.items.iter().find(|item| item.price < price)
}

fn other_shop(shop: &Shop) -> Option<&Shop> {
    shop.other.as_deref()
}

fn count_shop(shop: &Shop) -> i64 {
    shop.items.len() as i64
}

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Links);
    builder.build().expect("they register together")
}

fn instance(text: &str, engine: Arc<dyn Backend>) -> NodeInstance {
    let result = compile(&context(), &request(text).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
    result.instantiate().expect("structs have cells")
}

fn started(text: &str, engine: Arc<dyn Backend>) -> NodeInstance {
    let mut node = instance(text, engine);
    node.start().expect("START");
    node
}

fn refused(text: &str) -> (String, String) {
    match compile(&context(), &request(text)) {
        Err(CompileError::Diagnostics { diagnostics, .. }) => {
            let first = diagnostics.iter().find(|found| found.severity == Severity::Error).expect("an error");
            (first.code.id.to_owned(), first.message.clone())
        }
        other => panic!("{text} gives {other:?}"),
    }
}

#[test]
fn copies_have_addresses_as_they_are() {
    let text = "
def f(a: Signal[Link], follow: Signal[bool]) -> Annotated[Outputs, {'value': float, 'same': bool, 'differs': bool}]:
    copy = a
    moved = Moved(copy)
    value = 0.0
    if follow:
        value = copy.next.value
        also = copy.next
        value += also.value
    return value, copy == a, copy != moved

def Moved(link):
    return link.next if link.value > 0 else link
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        let last = Link { value: 2.5, next: std::ptr::null(), other: None };
        let first = Link { value: 0.0, next: &raw const last, other: NonNull::new((&raw const last).cast_mut()) };
        for (link, follow, expected) in [
            (first, true, Ok([Value::Float(5.0), Value::Boolean(true), Value::Boolean(false)])),
            (Link { value: 1.0, ..first }, false, Ok([Value::Float(0.0), Value::Boolean(true), Value::Boolean(true)])),
            (Link { value: 0.0, ..last }, true, Err("`next` is NULL: there is no struct")),
        ] {
            // SAFETY: the addresses are NULL or those of links that live as long as the node.
            unsafe { node.set_struct(0, &link) }.expect("a link");
            node.set_value(1, &Value::Boolean(follow)).expect("a bool");
            match (node.execute(), expected) {
                (Ok(()), Ok(values)) => assert_eq!([0, 1, 2].map(|index| node.output_value(index)), values.map(Some)),
                (Err(error), Err(message)) => {
                    assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::ValueError, message));
                }
                (found, _) => panic!("{found:?}"),
            }
        }
    });
}

#[test]
fn a_chain_is_gone_through_to_its_end() {
    let text = "
def f(chain: Signal[Chain]) -> Annotated[Outputs, {'total': float, 'n': int, 'last': float, 'none': bool, 'there': int, 'best': float}]:
    item = chain.first
    total = 0.0
    n = 0
    last = None
    while item is not None:
        total += item.price
        item.price += 1.0
        n += 1
        last = item
        item = item.next
    there = 0
    for some in chain.all:
        if some:
            there += 1
    best = -1.0
    if chain.first != None and chain.first.next is not None:
        best = price_of(chain.first.next)
    return total, n, -1.0 if last is None else last.price, chain.all[0] is None, there, best

def price_of(item):
    return item.price
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        let mut items = [Item { price: 1.5, next: std::ptr::null() }; 3];
        let address = items.as_mut_ptr();
        // SAFETY: the items lie behind each other, and no call is under way.
        unsafe {
            (*address).next = address.add(1);
            (*address.add(1)).next = address.add(2);
        }
        let none = Chain { count: 0, first: std::ptr::null_mut(), all: [std::ptr::null(); 2] };
        let some = Chain { count: 3, first: address, all: [std::ptr::null(), address] };
        let (float, int, truth) = (Value::Float, Value::Integer, Value::Boolean);
        for (chain, expected) in [
            (none, [float(0.0), int(0), float(-1.0), truth(true), int(0), float(-1.0)]),
            (some, [float(4.5), int(3), float(2.5), truth(true), int(1), float(2.5)]),
            (some, [float(7.5), int(3), float(3.5), truth(true), int(1), float(3.5)]),
        ] {
            // SAFETY: the addresses are NULL or those of items that live as long as the node.
            unsafe { node.set_struct(0, &chain) }.expect("a chain");
            node.execute().expect("a tick");
            assert_eq!([0, 1, 2, 3, 4, 5].map(|index| node.output_value(index)), expected.map(Some));
        }
    });
}

#[test]
fn none_is_not_followed() {
    for body in ["chain.first.price", "chain.first.next.price", "price_of(chain.first)", "worth(chain.first)"] {
        let text = format!(
            "def f(chain: Signal[Chain]) -> Signal[float]:\n    return {body}\n\ndef price_of(item):\n    return \
             item.price\n"
        );
        on_every_engine(|engine| {
            let mut node = started(&text, engine);
            let error = node.execute().expect_err("there is nothing");
            let expected = (NodeErrorKind::TypeError, "None where a value of type Item is needed");
            assert_eq!((error.kind, error.message.as_str()), expected, "{body}");
        });
    }
}

#[test]
fn what_is_there_is_copied_where_a_struct_is_needed() {
    let text = "
def f(chain: Signal[Chain]) -> Annotated[Outputs, {'kept': Item, 'same': bool, 'price': float, 'n': int}]:
    kept: State[Item] = None
    kept = chain.first
    pair = (chain.first, 1)
    some = chain.first if chain.count > 0 else None
    none, first = chain.all
    print(chain.first)
    return kept, chain.first == some, pair[0].price + some.price, 0 if none is None and first else 1
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        let printed = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&printed);
        node.set_print_hook(move |text| sink.lock().expect("no panic").push_str(text));
        let mut item = Item { price: 1.5, next: std::ptr::null() };
        let address = &raw mut item;
        let chain = Chain { count: 1, first: address, all: [std::ptr::null(), address] };
        // SAFETY: the addresses are NULL or those of items that live as long as the node.
        unsafe { node.set_struct(0, &chain) }.expect("a chain");
        node.execute().expect("a tick");
        let expected = [Value::Boolean(true), Value::Float(3.0), Value::Integer(0)];
        assert_eq!([1, 2, 3].map(|index| node.output_value(index)), expected.map(Some));
        assert!(node.output_bytes(0).is_some_and(|bytes| bytes.starts_with(&1.5_f64.to_ne_bytes())));
        assert_eq!(*printed.lock().expect("no panic"), "Item(price=1.5, next=...)\n");
    });
}

#[test]
fn links_are_cut_and_moved() {
    let text = "
def f(chain: Signal[Chain]) -> Annotated[Outputs, {'a': bool, 'b': float, 'c': bool}]:
    made = Item(2.0, chain.first)
    first = chain.first
    chain.first = first.next
    first.next = None
    chain.all[1] = None
    made = Item(made.price, made.next)
    return chain.first is None, made.next.price + made.price, Item(1.0, None).next is None and first.next == None
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        let mut items = [Item { price: 1.5, next: std::ptr::null() }; 2];
        let address = items.as_mut_ptr();
        // SAFETY: the items lie behind each other.
        unsafe { (*address).next = address.add(1) };
        let chain = Chain { count: 3, first: address, all: [std::ptr::null(), address] };
        // SAFETY: the addresses are NULL or those of items that live as long as the node.
        unsafe { node.set_struct(0, &chain) }.expect("a chain");
        node.execute().expect("a tick");
        let expected = [Value::Boolean(false), Value::Float(3.5), Value::Boolean(true)];
        assert_eq!([0, 1, 2].map(|index| node.output_value(index)), expected.map(Some));
        // SAFETY: no call is under way.
        assert!(unsafe { (*address).next.is_null() });
    });
}

#[test]
fn nodes_make_no_addresses() {
    let text =
        |line: &str| format!("def f(a: Signal[Link], c: Signal[Chain]) -> Signal[int]:\n    {line}\n    return 1\n");
    for (line, code, message) in [
        ("a.next = a", "E0305", "next"),
        ("a.next = None", "E0305", "next"),
        ("made = Link(1.0, a, None)", "E0308", "Link has no constructor: its field `next` is the address of a struct"),
        ("c.first = Item(1.0, None)", "E0302", "Item"),
        ("made = Item(1.0, Item(1.0, None))", "E0402", "does not fit into the field `next` of Item"),
        ("made = Item(c.count, Item(1.0, None))", "E0304", "Item"),
        ("xs = [c.first]", "E0301", "Item"),
        ("x = c.first.prise", "E0305", "prise"),
        ("c.first.nxet = None", "E0305", "nxet"),
    ] {
        let (found, reason) = refused(&text(line));
        assert!(found == code && reason.contains(message), "{line}: {found} {reason}");
    }
}

#[test]
fn functions_of_the_host_may_give_none() {
    let text = "
def f(shop: Signal[Shop], price: Signal[float]) -> Annotated[Outputs, {'found': float, 'shops': int, 'items': int}]:
    item = shop.cheaper(price)
    found = -1.0
    if item is not None:
        found = item.price
    shops = 0
    items = 0
    other = shop.other()
    while other:
        shops += 1
        items += other.count()
        other = other.other()
    return found, shops, items
";
    on_every_engine(|engine| {
        let mut node = instance(text, engine);
        let item = |price: f64| Item { price, next: std::ptr::null() };
        let last = Shop { items: vec![item(1.0); 3], other: None };
        let second = Shop { items: vec![item(1.0); 4], other: Some(Box::new(last)) };
        let mut first = Shop { items: vec![item(3.0), item(2.0)], other: Some(Box::new(second)) };
        // SAFETY: it is a shop that lives as long as the node.
        unsafe { node.set_pointer(0, (&raw mut first).cast()) }.expect("an object");
        node.start().expect("START");
        for (price, found) in [(2.5, 2.0), (2.0, -1.0), (9.0, 3.0)] {
            node.set_value(1, &Value::Float(price)).expect("a float");
            node.execute().expect("a tick");
            let expected = [Value::Float(found), Value::Integer(2), Value::Integer(7)];
            assert_eq!([0, 1, 2].map(|index| node.output_value(index)), expected.map(Some));
        }
    });
    let (code, message) = refused("def f(shop: Signal[Shop]) -> Signal[float]:\n    return shop.cheaper(1.0) + 1.0\n");
    assert!(code == "E0301" && message.contains("Item"), "{message}");
}

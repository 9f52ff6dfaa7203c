//! Any bytes can be given to a node as a snapshot: they are refused, or the node that they make is a node. `cargo xtask
//! nightly` tries many more than a test run does.

use std::num::NonZeroU64;
use std::sync::OnceLock;

use cfunc_compiler::{
    CompilationResult, CompileRequest, NodeInstance, SnapshotError, Source, Value, backends_at_all_levels, compile,
};
use cfunc_tests::{context, property_configuration};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use proptest::{collection, prop_assert, prop_assert_eq, proptest};
use sha2::{Digest, Sha256};

/// Snapshots that each property tries; PROPTEST_CASES asks for more.
const CASES: u32 = 600;

/// States of every kind.
const NODE: &str = "
from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1

@node
def everything(x: Signal[int], y: Signal[float], flag: Signal[bool]) -> Signal[float]:
    count: State[int] = 0
    last: State[float] = 0.0
    up: State[bool] = False
    side: State[Side] = Side.BUY
    window: State[list[float]] = create_new_list(float)
    flags: State[list[bool]] = create_new_list(bool)
    sides: State[list[Side]] = create_new_list(Side)
    seen: State[dict[int, float]] = create_new_dict(int, float)
    by_flag: State[dict[bool, int]] = create_new_dict(bool, int)
    by_side: State[dict[Side, bool]] = create_new_dict(Side, bool)
    count += 1
    up = y > last
    last = y
    side = Side.BUY if up else Side.SELL
    window.append(y)
    if len(window) > 12:
        window.pop(0)
    flags.append(flag)
    sides.append(side)
    seen[x % 7] = y
    by_flag[up] = by_flag.get(up, 0) + 1
    by_side[side] = flag
    total = 0.0
    for value in window:
        total += value
    for key in seen:
        total += seen[key] * key
    for one in flags:
        total += 1.0 if one else 0.5
    for key in by_flag:
        total += by_flag[key]
    for member in sides:
        if member in by_side and by_side[member]:
            total -= 1.0
    return total
";

/// The node on each engine.
fn results() -> &'static [CompilationResult] {
    static RESULTS: OnceLock<Vec<CompilationResult>> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let context = context();
        let compiled = |backend| {
            let request = CompileRequest::new(Source::new("everything.py", NODE)).backend(backend);
            compile(&context, &request).unwrap_or_else(|error| panic!("{error}"))
        };
        backends_at_all_levels().into_iter().map(compiled).collect()
    })
}

/// Snapshots of runs of several lengths.
fn snapshots() -> &'static [Vec<u8>] {
    static SNAPSHOTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SNAPSHOTS.get_or_init(|| {
        let mut node = results()[0].instantiate().expect("it has cells");
        let mut snapshots = vec![node.snapshot().expect("it is saved")];
        node.start().expect("START");
        for number in 0..30 {
            if [0, 1, 5, 29].contains(&number) {
                snapshots.push(node.snapshot().expect("it is saved"));
            }
            tick(&mut node, number);
        }
        snapshots
    })
}

fn tick(node: &mut NodeInstance, number: i64) -> Option<Value> {
    for (index, value) in
        [Value::Integer(number * 5), Value::Float(number as f64 * 0.5 - 3.0), Value::Boolean(number % 3 == 0)]
            .iter()
            .enumerate()
    {
        node.set_value(index, value).expect("a value of the input's type");
    }
    node.execute().expect("nothing in the node fails");
    node.output_value(0)
}

/// A snapshot whose length and checksum are right again, so that what is behind them is looked at.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    const LENGTH: usize = 80;
    const CHECKSUM: usize = 32;
    if bytes.len() < LENGTH + 8 + CHECKSUM {
        return bytes;
    }
    let length = (bytes.len() as u64).to_le_bytes();
    bytes[LENGTH..LENGTH + 8].copy_from_slice(&length);
    let contents = bytes.len() - CHECKSUM;
    let checksum = Sha256::digest(&bytes[..contents]);
    bytes[contents..].copy_from_slice(&checksum);
    bytes
}

/// Gives bytes to a node that has a life already; refused or not, it goes on.
fn holds(bytes: &[u8]) -> Result<(), TestCaseError> {
    for result in results() {
        for compatible in [false, true] {
            let mut node = result.instantiate().expect("it has cells");
            // A byte of a dict's entry becomes 16 of memory at most, and tables have room for twice as many and more.
            let most = NonZeroU64::new((bytes.len() as u64 + 64) * 256);
            node.set_memory_limit(most).expect("it is not started");
            node.start().expect("START");
            tick(&mut node, 3);
            let before = node.snapshot().expect("it is saved");
            let restored = if compatible { node.restore_compatible(bytes) } else { node.restore(bytes) };
            prop_assert!(
                !matches!(restored, Err(SnapshotError::Memory { .. })),
                "{restored:?} of {} bytes",
                bytes.len()
            );
            let again = node.snapshot().expect("it is saved");
            match restored {
                Err(error) => {
                    prop_assert_eq!(&again, &before, "{} changed the node", error);
                    tick(&mut node, 4);
                }
                Ok(()) => {
                    // It is what it says: restored once more, it is the same.
                    let mut other = result.instantiate().expect("it has cells");
                    other.restore(&again).expect("a snapshot of the same node");
                    prop_assert_eq!(&other.snapshot().expect("it is saved"), &again);
                    for node in [&mut node, &mut other] {
                        if !node.is_started() {
                            node.start().expect("START");
                        }
                    }
                    for number in 4..7 {
                        let texts = [&mut node, &mut other].map(|node| format!("{:?}", tick(node, number)));
                        prop_assert_eq!(&texts[0], &texts[1]);
                    }
                }
            }
        }
    }
    Ok(())
}

/// A change of some bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(u16, u8),
    /// A number of 1, 2, 4 or 8 bytes.
    Number(u16, u8, u64),
    Cut(u16),
    Remove(u16, u8),
    Insert(u16, Vec<u8>),
    Repeat(u16, u8, u16),
    Move(u16, u8, u16),
}

fn place(place: u16, length: usize) -> usize {
    usize::from(place) * length / 65_536
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len();
        match change {
            _ if length == 0 => {}
            Change::Flip(at, bits) => bytes[place(*at, length)] ^= bits,
            Change::Number(at, width, number) => {
                let at = place(*at, length);
                let width = (1usize << (width % 4)).min(length - at);
                bytes[at..at + width].copy_from_slice(&number.to_le_bytes()[..width]);
            }
            Change::Cut(at) => bytes.truncate(place(*at, length)),
            Change::Remove(at, count) => {
                let at = place(*at, length);
                bytes.drain(at..(at + usize::from(*count)).min(length));
            }
            Change::Insert(at, more) => {
                let at = place(*at, length);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Repeat(at, count, to) | Change::Move(at, count, to) => {
                let at = place(*at, length);
                let piece = bytes[at..(at + usize::from(*count)).min(length)].to_vec();
                let to = place(*to, length);
                if matches!(change, Change::Repeat(..)) {
                    bytes.splice(to..to, piece);
                } else {
                    let end = (to + piece.len()).min(length);
                    bytes[to..end].copy_from_slice(&piece[..end - to]);
                }
            }
        }
    }
    bytes
}

fn change() -> impl Strategy<Value = Change> {
    let number = prop_oneof![
        proptest::sample::select(vec![
            0,
            1,
            2,
            255,
            256,
            0xffff,
            0x7fff_ffff,
            0xffff_ffff,
            1 << 40,
            i64::MAX as u64,
            u64::MAX
        ]),
        any::<u64>(),
    ];
    prop_oneof![
        4 => (any::<u16>(), 1..=255u8).prop_map(|(at, bits)| Change::Flip(at, bits)),
        4 => (any::<u16>(), any::<u8>(), number).prop_map(|(at, width, number)| Change::Number(at, width, number)),
        1 => any::<u16>().prop_map(Change::Cut),
        1 => (any::<u16>(), any::<u8>()).prop_map(|(at, count)| Change::Remove(at, count)),
        1 => (any::<u16>(), collection::vec(any::<u8>(), 1..40)).prop_map(|(at, more)| Change::Insert(at, more)),
        1 => (any::<u16>(), any::<u8>(), any::<u16>()).prop_map(|(at, count, to)| Change::Repeat(at, count, to)),
        1 => (any::<u16>(), any::<u8>(), any::<u16>()).prop_map(|(at, count, to)| Change::Move(at, count, to)),
    ]
}

proptest! {
    #![proptest_config(property_configuration(CASES))]

    #[test]
    fn bytes(bytes in collection::vec(any::<u8>(), 0..400)) {
        holds(&bytes)?;
        // With the right beginning.
        let start = &snapshots()[3][..100];
        holds(&sealed([start, &bytes].concat()))?;
    }

    #[test]
    fn damaged_snapshots(which in 0..5usize, changes in collection::vec(change(), 1..5)) {
        let bytes = changed(snapshots()[which].clone(), &changes);
        if bytes != snapshots()[which] {
            for result in results() {
                let mut node = result.instantiate().expect("it has cells");
                prop_assert!(node.restore(&bytes).is_err());
            }
        }
        holds(&bytes)?;
    }

    #[test]
    fn damaged_and_sealed_snapshots(which in 0..5usize, changes in collection::vec(change(), 1..5)) {
        holds(&sealed(changed(snapshots()[which].clone(), &changes)))?;
    }
}

#[test]
fn every_number_that_is_a_length_may_be_any_other() {
    // Each 32 bits of a snapshot once as a number far too large, sealed again.
    let snapshot = &snapshots()[3];
    for at in 84..snapshot.len() - 36 {
        for number in [u32::MAX, 0x7fff_ffff, 0] {
            let mut bytes = snapshot.clone();
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            let mut node = results()[0].instantiate().expect("it has cells");
            let restored = node.restore(&sealed(bytes));
            if restored.is_ok() {
                tick(&mut node, 1);
            }
        }
    }
}

#[test]
fn what_is_whole_is_restored() {
    for snapshot in snapshots() {
        assert_eq!(sealed(snapshot.clone()), *snapshot, "the test seals as the format says");
        for result in results() {
            let mut node = result.instantiate().expect("it has cells");
            node.restore(snapshot).expect("it is whole");
            assert_eq!(node.snapshot().as_ref(), Ok(snapshot));
        }
    }
}

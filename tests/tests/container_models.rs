//! Lists and dicts as states of nodes, against models in Rust: random sequences of operations, one a tick, on every
//! engine. What the node sees of its container after each one, in order, is what the model sees.

use cfunc_compiler::{CompileRequest, NodeInstance, Source, Value, backends_at_all_levels, compile};
use cfunc_tests::context;

const LISTS: &str = "
@numba_node
def lists(op: Signal[int], a: Signal[int], b: Signal[int]) -> Annotated[Outputs, {'result': int, 'digest': int}]:
    xs: State[list[int]] = []
    r = 0
    try:
        if op == 0:
            xs.append(a)
        elif op == 1:
            r = xs.pop()
        elif op == 2:
            r = xs.pop(a)
        elif op == 3:
            xs.insert(a, b)
        elif op == 4:
            xs[a] = b
        elif op == 5:
            del xs[a]
        elif op == 6:
            xs.remove(b)
        elif op == 7:
            xs.reverse()
        elif op == 8:
            xs.sort()
        elif op == 9:
            xs.extend(xs[a:b])
        elif op == 10:
            del xs[a:b]
        elif op == 11:
            r = xs.index(b)
        elif op == 12:
            r = xs.pop(0)
        elif op == 13:
            xs = xs[::-1]
        elif op == 14:
            r = xs[a]
        else:
            xs.clear()
    except IndexError:
        r = -1001
    except ValueError:
        r = -1002
    digest = len(xs)
    for x in xs:
        digest = digest * 31 + x
    set_output('result', r)
    set_output('digest', digest)
";

const DICTS: &str = "
@numba_node
def dicts(op: Signal[int], a: Signal[int], b: Signal[int]) -> Annotated[Outputs, {'result': int, 'digest': int}]:
    d: State[dict[int, int]] = {}
    r = 0
    try:
        if op <= 2:
            d[a] = b
        elif op == 3:
            r = d[a]
        elif op <= 5:
            del d[a]
        elif op == 6:
            r = d.pop(a, b)
        elif op == 7:
            r = d.setdefault(a, b)
        elif op == 8:
            d[a] += b
        elif op == 9:
            k, v = d.popitem()
            r = k ^ v
        elif op == 10:
            r = d.get(a, b)
        elif op == 11:
            d = d.copy()
        elif op == 12:
            for k in d:
                r = k
                break
            del d[r]
        else:
            d.clear()
    except KeyError:
        r = -1001
    digest = len(d)
    for k, v in d.items():
        digest = digest * 31 + (k ^ v)
    for k in d:
        digest = digest * 31 + k
    set_output('result', r)
    set_output('digest', digest)
";

/// Numbers that follow from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from((self.0 >> 11) % bound).expect("a small bound")
    }
}

/// The result and digest of an operation on a model.
trait Model: Default {
    fn apply(&mut self, operation: i64, a: i64, b: i64) -> (i64, i64);
}

const NO_INDEX: i64 = -1001;
const NO_VALUE: i64 = -1002;

#[derive(Default)]
struct ListModel(Vec<i64>);

impl ListModel {
    fn position(&self, index: i64) -> Option<usize> {
        let length = i64::try_from(self.0.len()).expect("a short list");
        let position = if index < 0 { index + length } else { index };
        (0..length).contains(&position).then(|| usize::try_from(position).expect("within the list"))
    }

    fn bound(&self, index: i64) -> usize {
        let length = i64::try_from(self.0.len()).expect("a short list");
        let bound = if index < 0 { index + length } else { index };
        usize::try_from(bound.clamp(0, length)).expect("within the list")
    }
}

impl Model for ListModel {
    fn apply(&mut self, operation: i64, a: i64, b: i64) -> (i64, i64) {
        let slice = self.bound(a)..self.bound(b).max(self.bound(a));
        let at = self.position(a);
        let found = self.0.iter().position(|value| *value == b);
        let result = match operation {
            0 => {
                self.0.push(a);
                0
            }
            1 => self.0.pop().unwrap_or(NO_INDEX),
            2 => at.map_or(NO_INDEX, |at| self.0.remove(at)),
            3 => {
                self.0.insert(self.bound(a), b);
                0
            }
            4 => at.map_or(NO_INDEX, |at| {
                self.0[at] = b;
                0
            }),
            5 => at.map_or(NO_INDEX, |at| {
                self.0.remove(at);
                0
            }),
            6 => found.map_or(NO_VALUE, |at| {
                self.0.remove(at);
                0
            }),
            7 | 13 => {
                self.0.reverse();
                0
            }
            8 => {
                self.0.sort_unstable();
                0
            }
            9 => {
                self.0.extend_from_within(slice);
                0
            }
            10 => {
                self.0.drain(slice);
                0
            }
            11 => found.map_or(NO_VALUE, |at| i64::try_from(at).expect("a short list")),
            12 if self.0.is_empty() => NO_INDEX,
            12 => self.0.remove(0),
            14 => at.map_or(NO_INDEX, |at| self.0[at]),
            _ => {
                self.0.clear();
                0
            }
        };
        let start = i64::try_from(self.0.len()).expect("a short list");
        (result, self.0.iter().fold(start, |digest, value| digest.wrapping_mul(31).wrapping_add(*value)))
    }
}

#[derive(Default)]
struct DictModel(Vec<(i64, i64)>);

impl Model for DictModel {
    fn apply(&mut self, operation: i64, a: i64, b: i64) -> (i64, i64) {
        let at = self.0.iter().position(|(key, _)| *key == a);
        let result = match operation {
            0..=2 => {
                match at {
                    Some(at) => self.0[at].1 = b,
                    None => self.0.push((a, b)),
                }
                0
            }
            3 => at.map_or(NO_INDEX, |at| self.0[at].1),
            4 | 5 => at.map_or(NO_INDEX, |at| {
                self.0.remove(at);
                0
            }),
            6 => at.map_or(b, |at| self.0.remove(at).1),
            7 => match at {
                Some(at) => self.0[at].1,
                None => {
                    self.0.push((a, b));
                    b
                }
            },
            8 => at.map_or(NO_INDEX, |at| {
                self.0[at].1 = self.0[at].1.wrapping_add(b);
                0
            }),
            9 => self.0.pop().map_or(NO_INDEX, |(key, value)| key ^ value),
            10 => at.map_or(b, |at| self.0[at].1),
            11 => 0,
            // Without entries `r` stays 0, which is no key then.
            12 if self.0.is_empty() => NO_INDEX,
            12 => self.0.remove(0).0,
            _ => {
                self.0.clear();
                0
            }
        };
        let start = i64::try_from(self.0.len()).expect("a short dict");
        let add = |digest: i64, word: i64| digest.wrapping_mul(31).wrapping_add(word);
        let digest = self.0.iter().fold(start, |digest, (key, value)| add(digest, key ^ value));
        (result, self.0.iter().fold(digest, |digest, (key, _)| add(digest, *key)))
    }
}

/// A node on every engine; the first is the interpreter or not, all do the same.
fn instances(source: &str) -> Vec<NodeInstance> {
    let context = context();
    let request = CompileRequest::new(Source::new("model.py", source));
    let start = |backend| {
        let result = compile(&context, &request.clone().backend(backend)).expect("it compiles");
        let mut instance = result.instantiate().expect("it has cells");
        instance.start().expect("START succeeds");
        instance
    };
    backends_at_all_levels().into_iter().map(start).collect()
}

/// Runs operations that `next` chooses from a random number and a phase: phases in which a container grows take turns
/// with those in which it shrinks.
fn follow<M: Model>(source: &str, mut next: impl FnMut(&mut Random, bool) -> [i64; 3]) {
    const SEEDS: u64 = 12;
    const TICKS: usize = 600;
    for seed in 1..=SEEDS {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut model = M::default();
        let mut nodes = instances(source);
        for tick in 0..TICKS {
            let [operation, a, b] = next(&mut random, tick / 100 % 2 == 0);
            let (result, digest) = model.apply(operation, a, b);
            for node in &mut nodes {
                for (index, value) in [operation, a, b].into_iter().enumerate() {
                    node.set_value(index, &Value::Integer(value)).expect("an int");
                }
                node.execute().expect("no error leaves the node");
                let found = [0, 1].map(|output: usize| node.output_value(output));
                let wanted = [Some(Value::Integer(result)), Some(Value::Integer(digest))];
                assert_eq!(found, wanted, "seed {seed}, tick {tick}: operation {operation} with {a} and {b}");
            }
        }
    }
}

#[test]
fn lists_follow_the_model() {
    follow::<ListModel>(LISTS, |random, grows| {
        let operation = match random.below(10) {
            0..=4 if grows => *[0, 3, 9].get(random.below(3) as usize).expect("one of three"),
            0..=3 if !grows => *[1, 2, 12, 5].get(random.below(4) as usize).expect("one of four"),
            _ => random.below(15),
        };
        let operation = if random.below(300) == 0 { 15 } else { operation };
        // A slice that is added has at most 8 elements.
        let a = random.below(40) - 12;
        let b = if operation == 9 { a.abs() + random.below(8) } else { random.below(40) - 12 };
        [operation, if operation == 9 { a.abs() } else { a }, b]
    });
}

#[test]
fn dicts_follow_the_model() {
    follow::<DictModel>(DICTS, |random, grows| {
        let operation = match random.below(10) {
            0..=4 if grows => *[0, 7].get(random.below(2) as usize).expect("one of two"),
            0..=3 if !grows => *[4, 6, 9, 12].get(random.below(4) as usize).expect("one of four"),
            _ => random.below(13),
        };
        let operation = if random.below(300) == 0 { 13 } else { operation };
        let key = match random.below(12) {
            0 => i64::MIN,
            1 => i64::MAX,
            2 => -1,
            // Keys that differ in high bits only.
            3 => random.below(8) << 61,
            _ => random.below(60),
        };
        [operation, key, random.below(1000)]
    });
}

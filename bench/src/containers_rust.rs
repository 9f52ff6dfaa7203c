//! The nodes of `bench/containers` in Rust: the same operations on `Vec` with bounds checks, `VecDeque` and `HashMap`,
//! under the same C ABI.

use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::hash::{BuildHasherDefault, Hasher};

use crate::host::NodeFunction;

/// A hash as that of dicts: one multiplication. The high bits, which are the best, come to stand where the map looks.
#[derive(Clone, Copy, Default)]
pub(crate) struct MultiplyHasher(u64);

impl Hasher for MultiplyHasher {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_i64(&mut self, word: i64) {
        self.write_u64(word.cast_unsigned());
    }
}

type Map = HashMap<i64, i64, BuildHasherDefault<MultiplyHasher>>;

/// A value of a cell of 8 bytes.
pub(crate) trait Word: Copy {
    /// The value of a cell.
    fn of(bits: u64) -> Self;
    /// The bits of the cell.
    fn bits(self) -> u64;
}

impl Word for i64 {
    fn of(bits: u64) -> Self {
        bits.cast_signed()
    }

    fn bits(self) -> u64 {
        self.cast_unsigned()
    }
}

impl Word for f64 {
    fn of(bits: u64) -> Self {
        Self::from_bits(bits)
    }

    fn bits(self) -> u64 {
        self.to_bits()
    }
}

/// A node of one input and one output, which ticks each time.
pub(crate) trait RustNode: Default {
    /// The input.
    type Input: Word;
    /// The output.
    type Output: Word;
    /// What EXECUTE does.
    fn tick(&mut self, x: Self::Input) -> Self::Output;
}

/// A node and what calls it.
pub(crate) struct RustInstance {
    function: NodeFunction,
    node: *mut c_void,
    drop: unsafe fn(*mut c_void),
}

impl RustInstance {
    /// A node in its first state.
    pub(crate) fn new<N: RustNode>() -> Self {
        /// # Safety
        ///
        /// The node is a box of this type, which nothing uses any more.
        unsafe fn drop_node<N>(node: *mut c_void) {
            // SAFETY: the instance made the node as a box of this type, and drops it once.
            drop(unsafe { Box::from_raw(node.cast::<N>()) });
        }
        let node = Box::into_raw(Box::new(N::default()));
        Self { function: call::<N>, node: node.cast(), drop: drop_node::<N> }
    }

    /// What is called with [`RustInstance::node`] as the only state.
    pub(crate) fn function(&self) -> NodeFunction {
        self.function
    }

    /// Where the node is.
    pub(crate) fn node(&self) -> *mut c_void {
        self.node
    }
}

impl Drop for RustInstance {
    fn drop(&mut self) {
        // SAFETY: the node is of the type that the function is of, and nothing else drops it.
        unsafe { (self.drop)(self.node) }
    }
}

/// EXECUTE of a node.
///
/// # Safety
///
/// The pointers are those of the ABI, for one input and one output; the one state is the node.
unsafe extern "C" fn call<N: RustNode>(
    outputs: *mut *mut c_void,
    output_ticked: *mut i8,
    states: *mut *mut c_void,
    phase: i8,
    inputs: *mut *mut c_void,
    _input_ticked: *mut i8,
    _input_valid: *mut i8,
) {
    if phase != 0 {
        return;
    }
    // SAFETY: the caller's promise; each array has one pointer, cells have 8 bytes.
    unsafe {
        let node = &mut *(*states).cast::<N>();
        let output = node.tick(N::Input::of((*inputs).cast::<u64>().read()));
        (*outputs).cast::<u64>().write(output.bits());
        output_ticked.write(1);
    }
}

/// `sum.py`.
#[derive(Default)]
pub(crate) struct Sum(Vec<f64>);

impl RustNode for Sum {
    type Input = f64;
    type Output = f64;

    fn tick(&mut self, x: f64) -> f64 {
        while self.0.len() < 1000 {
            self.0.push(x);
        }
        self.0[0] = x;
        let mut total = 0.0;
        for value in &self.0 {
            total += value;
        }
        total
    }
}

/// `window.py`.
#[derive(Default)]
pub(crate) struct Window {
    values: VecDeque<f64>,
    total: f64,
}

impl RustNode for Window {
    type Input = f64;
    type Output = f64;

    fn tick(&mut self, x: f64) -> f64 {
        self.values.push_back(x);
        self.total += x;
        if self.values.len() > 100
            && let Some(oldest) = self.values.pop_front()
        {
            self.total -= oldest;
        }
        self.total
    }
}

/// `rolling_maximum.py`.
#[derive(Default)]
pub(crate) struct RollingMaximum {
    values: VecDeque<f64>,
    times: VecDeque<i64>,
    now: i64,
}

impl RustNode for RollingMaximum {
    type Input = f64;
    type Output = f64;

    fn tick(&mut self, x: f64) -> f64 {
        while !self.values.is_empty() && self.values[self.values.len() - 1] <= x {
            self.values.pop_back();
            self.times.pop_back();
        }
        self.values.push_back(x);
        self.times.push_back(self.now);
        if self.times[0] <= self.now - 100 {
            self.values.pop_front();
            self.times.pop_front();
        }
        self.now += 1;
        self.values[0]
    }
}

fn insertion_sort<T: PartialOrd + Copy>(values: &mut [T]) {
    for i in 1..values.len() {
        let value = values[i];
        let mut j = i as i64 - 1;
        while j >= 0 && values[j as usize] > value {
            values[(j + 1) as usize] = values[j as usize];
            j -= 1;
        }
        values[(j + 1) as usize] = value;
    }
}

/// `insertion_sort.py`.
#[derive(Default)]
pub(crate) struct InsertionSort(Vec<i64>);

impl RustNode for InsertionSort {
    type Input = i64;
    type Output = i64;

    fn tick(&mut self, x: i64) -> i64 {
        while self.0.len() < 64 {
            self.0.push(0);
        }
        let mut seed = x;
        for i in 0..64 {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345) & 2_147_483_647;
            self.0[i] = seed;
        }
        insertion_sort(&mut self.0);
        self.0[0] + self.0[32]
    }
}

/// `sieve.py`.
#[derive(Default)]
pub(crate) struct Sieve(Vec<i64>);

impl RustNode for Sieve {
    type Input = i64;
    type Output = i64;

    fn tick(&mut self, x: i64) -> i64 {
        self.0.clear();
        for _ in 0..1000 {
            self.0.push(1);
        }
        let mut count = 0;
        for i in 2..1000 {
            if self.0[i] == 1 {
                count += 1;
                let mut j = i * i;
                while j < 1000 {
                    self.0[j] = 0;
                    j += i;
                }
            }
        }
        count + x
    }
}

fn slide(window: &mut VecDeque<f64>, x: f64) {
    window.push_back(x);
    if window.len() > 25 {
        window.pop_front();
    }
}

/// `median.py`.
#[derive(Default)]
pub(crate) struct Median(VecDeque<f64>);

impl RustNode for Median {
    type Input = f64;
    type Output = f64;

    fn tick(&mut self, x: f64) -> f64 {
        slide(&mut self.0, x);
        let mut ordered = Vec::new();
        for value in &self.0 {
            ordered.push(*value);
        }
        insertion_sort(&mut ordered);
        ordered[ordered.len() / 2]
    }
}

/// `median_sorted.py`.
#[derive(Default)]
pub(crate) struct MedianSorted(VecDeque<f64>);

impl RustNode for MedianSorted {
    type Input = f64;
    type Output = f64;

    fn tick(&mut self, x: f64) -> f64 {
        slide(&mut self.0, x);
        let mut ordered: Vec<f64> = self.0.iter().copied().collect();
        ordered.sort_by(f64::total_cmp);
        ordered[ordered.len() / 2]
    }
}

/// `histogram.py`.
#[derive(Default)]
pub(crate) struct Histogram(Map);

impl RustNode for Histogram {
    type Input = i64;
    type Output = i64;

    fn tick(&mut self, x: i64) -> i64 {
        let count = self.0.get(&x).copied().unwrap_or(0) + 1;
        self.0.insert(x, count);
        count
    }
}

/// `dict_iteration.py`.
#[derive(Default)]
pub(crate) struct DictIteration(Map);

impl RustNode for DictIteration {
    type Input = i64;
    type Output = i64;

    fn tick(&mut self, x: i64) -> i64 {
        while self.0.len() < 1000 {
            let size = self.0.len() as i64;
            self.0.insert(size * 7919, size);
        }
        self.0.insert(0, x);
        let mut total = 0_i64;
        for (key, weight) in &self.0 {
            total = total.wrapping_add(key.wrapping_mul(*weight));
        }
        total
    }
}

/// `count_distinct.py`.
#[derive(Default)]
pub(crate) struct CountDistinct(Map);

impl RustNode for CountDistinct {
    type Input = i64;
    type Output = i64;

    fn tick(&mut self, x: i64) -> i64 {
        if self.0.len() >= 1000 {
            self.0.clear();
        }
        self.0.entry(x).or_insert(1);
        self.0.len() as i64
    }
}

/// The constant of `constant_list.py`.
pub(crate) const WEIGHTS: [f64; 16] =
    [1.5, 2.25, 0.5, 4.75, 5.5, 6.125, 7.0, 8.5, 9.25, 10.0, 11.5, 12.75, 13.0, 14.5, 15.25, 16.0];

/// `constant_list.py`.
#[derive(Default)]
pub(crate) struct ConstantList;

impl RustNode for ConstantList {
    type Input = i64;
    type Output = f64;

    fn tick(&mut self, x: i64) -> f64 {
        let weights = std::hint::black_box(&WEIGHTS[..]);
        weights[x as usize] + weights[(15 - x) as usize]
    }
}

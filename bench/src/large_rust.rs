//! The larger nodes in Rust: what the texts in `bench/nodes` do, an operation for an operation, under the same C ABI.

use std::collections::HashMap;
use std::ffi::c_void;
use std::hash::BuildHasherDefault;

use cfunc_example_orderbook::OrderBook;

use crate::containers_rust::MultiplyHasher;
use crate::host::NodeFunction;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
const OPENING: i64 = (9 * 3_600 + 30 * 60) * SECOND;
const CLOSING: i64 = 16 * 3_600 * SECOND;
const LAST_ENTRY: i64 = (15 * 3_600 + 45 * 60) * SECOND;
const PAUSE: i64 = 30 * SECOND;
const SPAN: i64 = 60 * SECOND;

const FAST: f64 = 0.2;
const SLOW: f64 = 0.02;
const ENTRY: f64 = 1.0;
const EXIT: f64 = 0.25;
const LOT: i64 = 100;
const FEE: f64 = 0.000_2;
const SLIPPAGE: f64 = 0.000_1;
const MOST_LOST: f64 = 0.02;
const WARM_UP: i64 = 8;

/// The arrays of a call.
pub(crate) struct Call {
    outputs: *mut *mut c_void,
    ticked: *mut i8,
    inputs: *mut *mut c_void,
}

impl Call {
    /// The cell of an input.
    ///
    /// # Safety
    ///
    /// The input is there and its cell is of this type.
    unsafe fn input<T: Copy>(&self, index: usize) -> T {
        // SAFETY: the caller's promise.
        unsafe { (*self.inputs.add(index)).cast::<T>().read() }
    }

    /// Writes an output.
    ///
    /// # Safety
    ///
    /// The output is there and its cell is of this type.
    unsafe fn output<T>(&self, index: usize, value: T) {
        // SAFETY: the caller's promise.
        unsafe {
            (*self.outputs.add(index)).cast::<T>().write(value);
            self.ticked.add(index).write(1);
        }
    }
}

/// A node of Rust.
pub(crate) trait LargeNode {
    /// What EXECUTE does.
    ///
    /// # Safety
    ///
    /// The arrays are those of the node's text.
    unsafe fn tick(&mut self, call: &Call);
}

/// EXECUTE of a node, whose one state it is.
///
/// # Safety
///
/// The arrays are those of the node's text, but for the states: the first leads to a node of this type that nothing else
/// uses.
unsafe extern "C" fn call<N: LargeNode>(
    outputs: *mut *mut c_void,
    ticked: *mut i8,
    states: *mut *mut c_void,
    phase: i8,
    inputs: *mut *mut c_void,
    _input_ticked: *mut i8,
    _input_valid: *mut i8,
) {
    if phase == 0 {
        // SAFETY: the caller's promise.
        unsafe { (*(*states).cast::<N>()).tick(&Call { outputs, ticked, inputs }) };
    }
}

/// A node with its state, which lives as long as the process.
pub(crate) fn leaked<N: LargeNode>(node: N) -> (NodeFunction, *mut c_void) {
    (call::<N>, Box::into_raw(Box::new(node)).cast())
}

type Map<V> = HashMap<i64, V, BuildHasherDefault<MultiplyHasher>>;

/// A map that keeps the order of insertion.
struct Ordered {
    indices: Map<usize>,
    entries: Vec<(i64, i64)>,
}

impl Ordered {
    fn new() -> Self {
        Self { indices: Map::default(), entries: Vec::new() }
    }

    fn get(&self, key: i64) -> Option<i64> {
        self.indices.get(&key).map(|index| self.entries[*index].1)
    }

    fn insert(&mut self, key: i64, value: i64) {
        let next = self.entries.len();
        let index = *self.indices.entry(key).or_insert(next);
        if index == next {
            self.entries.push((key, value));
        } else {
            self.entries[index].1 = value;
        }
    }

    fn clear(&mut self) {
        self.indices.clear();
        self.entries.clear();
    }
}

#[derive(Default)]
struct Bar {
    start: i64,
    open: f64,
    high: f64,
    low: f64,
    close: f64,
    volume: i64,
    trades: i64,
}

#[derive(Default)]
struct Account {
    day: i64,
    realised: f64,
    fees: f64,
    carried: f64,
    orders: i64,
    wins: i64,
    losses: i64,
    streak: i64,
    halted: bool,
}

impl Account {
    fn book(&mut self, profit: f64) {
        self.realised += profit;
        if profit > 0.0 {
            self.wins += 1;
            self.streak = self.streak.max(0) + 1;
        } else if profit < 0.0 {
            self.losses += 1;
            self.streak = self.streak.min(0) - 1;
        }
    }
}

#[derive(Default)]
struct Risk {
    peak: f64,
    peaked: i64,
    drawdown: f64,
    gross: f64,
    spread: f64,
}

/// `strategy.py`.
pub(crate) struct Strategy {
    capital: f64,
    limit: i64,
    bar: Bar,
    account: Account,
    risk: Risk,
    positions: Ordered,
    costs: Map<f64>,
    prices: Map<f64>,
    fast: Map<f64>,
    slow: Map<f64>,
    variances: Map<f64>,
    counts: Map<i64>,
    traded: Map<i64>,
    volumes: Ordered,
}

impl Strategy {
    /// A strategy that has seen nothing.
    pub(crate) fn new(capital: f64, limit: i64) -> Self {
        Self {
            capital,
            limit,
            bar: Bar::default(),
            account: Account::default(),
            risk: Risk::default(),
            positions: Ordered::new(),
            costs: Map::default(),
            prices: Map::default(),
            fast: Map::default(),
            slow: Map::default(),
            variances: Map::default(),
            counts: Map::default(),
            traded: Map::default(),
            volumes: Ordered::new(),
        }
    }
}

fn average(before: f64, value: f64, weight: f64) -> f64 {
    before + weight * (value - before)
}

/// As Python has them: the first of equal ones.
fn larger(first: f64, second: f64) -> f64 {
    if second > first { second } else { first }
}

fn smaller(first: f64, second: f64) -> f64 {
    if second < first { second } else { first }
}

fn wanted(score: f64, position: i64, limit: i64) -> i64 {
    if score > ENTRY {
        limit
    } else if score < -ENTRY {
        -limit
    } else if score.abs() < EXIT {
        0
    } else {
        position
    }
}

impl LargeNode for Strategy {
    unsafe fn tick(&mut self, call: &Call) {
        // SAFETY: the caller's promise: the inputs are a time, an int, a float, an int.
        let (time, symbol, price, size): (i64, i64, f64, i64) =
            unsafe { (call.input(0), call.input(1), call.input(2), call.input(3)) };
        let (clock, day) = (time.rem_euclid(DAY), time.div_euclid(DAY));
        if day != self.account.day {
            if self.account.day > 0 {
                self.account.carried += self.account.realised - self.account.fees;
            }
            let Account { carried, wins, losses, .. } = self.account;
            self.account = Account { day, carried, wins, losses, ..Account::default() };
            self.risk.peak = 0.0;
            self.risk.drawdown = 0.0;
            self.volumes.clear();
        }
        // 1970-01-01 was a Thursday.
        let is_open = (OPENING..CLOSING).contains(&clock) && (day + 3).rem_euclid(7) < 5;
        let (hour, minute) = (clock / (3_600 * SECOND), clock / (60 * SECOND) % 60);
        self.volumes.insert(hour, self.volumes.get(hour).unwrap_or(0) + size);

        let bar = &mut self.bar;
        if bar.trades > 0 && time - bar.start >= SPAN {
            if bar.open > 0.0 {
                self.risk.spread = average(self.risk.spread, (bar.high - bar.low) / bar.open, SLOW);
            }
            // SAFETY: the caller's promise: a float.
            unsafe { call.output(3, self.risk.spread) };
            bar.trades = 0;
        }
        if bar.trades == 0 {
            let start = time - time.rem_euclid(SPAN);
            *bar = Bar { start, open: price, high: price, low: price, close: price, ..Bar::default() };
        }
        bar.high = larger(bar.high, price);
        bar.low = smaller(bar.low, price);
        bar.close = price;
        bar.volume += size;
        bar.trades += 1;

        let Some(last) = self.prices.get(&symbol).copied() else {
            self.prices.insert(symbol, price);
            self.positions.insert(symbol, 0);
            for map in [&mut self.costs, &mut self.fast, &mut self.slow, &mut self.variances] {
                map.insert(symbol, 0.0);
            }
            self.counts.insert(symbol, 0);
            return;
        };
        let change = price / last - 1.0;
        self.prices.insert(symbol, price);
        *self.counts.entry(symbol).or_default() += 1;
        let update = |map: &mut Map<f64>, value: f64, weight: f64| {
            let entry = map.entry(symbol).or_default();
            *entry = average(*entry, value, weight);
            *entry
        };
        let fast = update(&mut self.fast, change, FAST);
        let slow = update(&mut self.slow, change, SLOW);
        let variance = update(&mut self.variances, change * change, SLOW);
        let mut score = 0.0;
        if self.counts[&symbol] > WARM_UP && variance > 0.0 {
            score = larger(-4.0, smaller(4.0, 4.0 * (fast - slow) / variance.sqrt()));
        }
        // SAFETY: the caller's promise: a float.
        unsafe { call.output(2, score) };

        let position = self.positions.get(symbol).unwrap_or(0);
        let most = if self.account.streak < -3 { self.limit.div_euclid(2) } else { self.limit };
        let mut target = wanted(score, position, most);
        if !is_open || self.account.halted || clock >= LAST_ENTRY {
            target = 0;
        }
        if self.traded.get(&symbol).is_some_and(|traded| time - traded < PAUSE) && target != 0 {
            target = position;
        }
        let order = target - position;
        let order = (order.signum() * (order.abs() / LOT) * LOT).min(4 * size).max(-4 * size);

        if order != 0 {
            let fill = price * (1.0 + SLIPPAGE * order.signum() as f64);
            let amount = fill * order.abs() as f64;
            self.account.fees += FEE * amount;
            self.account.orders += 1;
            let cost = self.costs.entry(symbol).or_default();
            let closed = if order.signum() == position.signum() { 0 } else { order.abs().min(position.abs()) };
            if closed > 0 {
                self.account.book((position.signum() * closed) as f64 * (fill - *cost));
            }
            let (opened, remaining) = (order.abs() - closed, position.abs() - closed);
            if opened > 0 {
                *cost = (remaining as f64 * *cost + opened as f64 * fill) / (remaining + opened) as f64;
            }
            self.positions.insert(symbol, position + order);
            self.traded.insert(symbol, time);
            // SAFETY: the caller's promise: an int.
            unsafe { call.output(0, order) };
        }

        let (mut open_profit, mut gross) = (0.0, 0.0);
        for (held, count) in &self.positions.entries {
            if *count != 0 {
                open_profit += *count as f64 * (self.prices[held] - self.costs[held]);
                gross += count.abs() as f64 * self.prices[held];
            }
        }
        let account = &mut self.account;
        let equity = self.capital + account.carried + account.realised - account.fees + open_profit;
        let risk = &mut self.risk;
        risk.gross = gross;
        if risk.peak == 0.0 || equity > risk.peak {
            risk.peak = equity;
            risk.peaked = time;
        }
        risk.drawdown = larger(risk.drawdown, 1.0 - equity / risk.peak);
        if risk.drawdown > MOST_LOST && !account.halted && time - risk.peaked > PAUSE {
            account.halted = true;
        }

        let mut busiest = hour;
        for (other, volume) in &self.volumes.entries {
            if Some(*volume) > self.volumes.get(busiest) {
                busiest = *other;
            }
        }
        // SAFETY: the caller's promise: a float and an int.
        unsafe {
            call.output(1, equity);
            call.output(4, busiest * 60 + minute);
        }
    }
}

/// States of the filter.
const N: usize = 12;

/// `kalman.py`.
pub(crate) struct Kalman {
    noise: f64,
    drift: f64,
    x: Vec<f64>,
    p: Vec<f64>,
    f: Vec<f64>,
    product: Vec<f64>,
    gain: Vec<f64>,
}

impl Kalman {
    /// A filter that has seen nothing.
    pub(crate) fn new(noise: f64, drift: f64) -> Self {
        let mut f = vec![0.0; N * N];
        let mut p = vec![0.0; N * N];
        for i in 0..N {
            p[i * N + i] = 10.0;
            for j in (i..N).filter(|j| i / 4 == j / 4) {
                f[i * N + j] = (0..j - i).fold(1.0, |weight, k| weight * 0.01 / (k as f64 + 1.0));
            }
        }
        Self { noise, drift, x: vec![0.0; N], p, f, product: vec![0.0; N * N], gain: vec![0.0; N] }
    }
}

impl LargeNode for Kalman {
    unsafe fn tick(&mut self, call: &Call) {
        // SAFETY: the caller's promise: an int and a float.
        let (axis, z): (i64, f64) = unsafe { (call.input(0), call.input(1)) };
        let Self { noise, drift, x, p, f, product, gain } = self;
        for i in 0..N {
            let mut total = 0.0;
            for j in 0..N {
                total += f[i * N + j] * x[j];
            }
            gain[i] = total;
        }
        x[..N].copy_from_slice(&gain[..N]);
        for i in 0..N {
            for j in 0..N {
                let mut total = 0.0;
                for k in 0..N {
                    total += f[i * N + k] * p[k * N + j];
                }
                product[i * N + j] = total;
            }
        }
        for i in 0..N {
            for j in 0..N {
                let mut total = 0.0;
                for k in 0..N {
                    total += product[i * N + k] * f[j * N + k];
                }
                p[i * N + j] = total;
            }
            p[i * N + i] += *drift;
        }
        let at = usize::try_from(axis * 4).unwrap_or(usize::MAX);
        let innovation = z - x[at];
        let scale = p[at * N + at] + *noise;
        for i in 0..N {
            gain[i] = p[i * N + at] / scale;
        }
        for i in 0..N {
            x[i] += gain[i] * innovation;
        }
        product[..N].copy_from_slice(&p[at * N..(at + 1) * N]);
        for i in 0..N {
            for j in 0..N {
                p[i * N + j] -= gain[i] * product[j];
            }
        }
        // SAFETY: the caller's promise: a float.
        unsafe { call.output(0, x[at]) };
    }
}

/// How much a book has on a level.
pub(crate) type SizeFunction = extern "C" fn(&OrderBook, i64) -> i64;

/// `imbalance.py`.
pub(crate) struct Imbalance {
    /// How much is bid.
    pub(crate) bid_size: SizeFunction,
    /// How much is asked.
    pub(crate) ask_size: SizeFunction,
    /// How many levels are looked at.
    pub(crate) levels: i64,
}

impl LargeNode for Imbalance {
    unsafe fn tick(&mut self, call: &Call) {
        // SAFETY: the caller's promise: the input is a book.
        let book = unsafe { &*(*call.inputs).cast::<OrderBook>() };
        let (mut bid, mut ask) = (0, 0);
        for index in 0..self.levels {
            bid += (self.bid_size)(book, index);
            ask += (self.ask_size)(book, index);
        }
        if bid + ask != 0 {
            // SAFETY: the caller's promise: a float.
            unsafe { call.output(0, (bid - ask) as f64 / (bid + ask) as f64) };
        }
    }
}

//! The recorded cases that are measured, in Rust under the same ABI: each as one would write it by hand, with the types
//! and the arithmetic of the node. Division rounds down, and by 0 gives 0, as nodes have it.

use std::cell::Cell;
use std::ffi::c_void;

use crate::host::NodeFunction;

/// What a call of EXECUTE gets.
struct Call {
    outputs: *mut *mut c_void,
    output_ticked: *mut i8,
    states: *mut *mut c_void,
    inputs: *mut *mut c_void,
}

/// A node.
trait Node {
    /// What EXECUTE does.
    ///
    /// # Safety
    ///
    /// The arrays are those of a host of this node.
    unsafe fn execute(call: &Call);
}

impl Call {
    /// The value of an input.
    ///
    /// # Safety
    ///
    /// The host has this input, of this type.
    #[inline(always)]
    unsafe fn input<T: Copy>(&self, position: usize) -> T {
        // SAFETY: the caller's promise; cells are aligned.
        unsafe { (*self.inputs.add(position)).cast::<T>().read() }
    }

    /// The cell of a state.
    ///
    /// # Safety
    ///
    /// The host has this state, of this type.
    #[inline(always)]
    unsafe fn state<T>(&self, position: usize) -> &Cell<T> {
        // SAFETY: the caller's promise; the cell outlives the call, in which all access to it is through shared cells.
        unsafe { &*(*self.states.add(position)).cast::<Cell<T>>() }
    }

    /// Writes the only output.
    ///
    /// # Safety
    ///
    /// The host's output is of this type.
    #[inline(always)]
    unsafe fn output<T>(&self, value: T) {
        // SAFETY: the caller's promise.
        unsafe {
            (*self.outputs).cast::<T>().write(value);
            self.output_ticked.write(1);
        }
    }
}

/// The C function of a node.
///
/// # Safety
///
/// The pointers are those of the ABI, from a host of the node.
unsafe extern "C" fn entry<N: Node>(
    outputs: *mut *mut c_void,
    output_ticked: *mut i8,
    states: *mut *mut c_void,
    phase: i8,
    inputs: *mut *mut c_void,
    _input_ticked: *mut i8,
    _input_valid: *mut i8,
) {
    if phase == 0 {
        // SAFETY: the caller's promise.
        unsafe { N::execute(&Call { outputs, output_ticked, states, inputs }) }
    }
}

/// The quotient, rounded down.
#[inline(always)]
fn divided(left: i64, right: i64) -> i64 {
    if right == 0 {
        return 0;
    }
    let quotient = left.wrapping_div(right);
    if left.wrapping_rem(right) != 0 && (left ^ right) < 0 { quotient - 1 } else { quotient }
}

/// What is left of a division that rounds down.
#[inline(always)]
fn remainder(left: i64, right: i64) -> i64 {
    if right == 0 {
        return 0;
    }
    let rest = left.wrapping_rem(right);
    if rest != 0 && (rest ^ right) < 0 { rest + right } else { rest }
}

/// A truth value as its cell has it.
#[inline(always)]
fn truth(value: bool) -> i8 {
    i8::from(value)
}

macro_rules! nodes {
    ($($name:literal $node:ident($($input:ident: $input_type:ty),*; $($state:ident: $state_type:ty),*) $body:block)*) => {
        /// The function of a recorded case, where it is written down here.
        pub(crate) fn rust_function(case: &str) -> Option<NodeFunction> {
            match case {
                $($name => Some(entry::<$node>),)*
                _ => None,
            }
        }

        $(
            struct $node;

            impl Node for $node {
                #[inline(always)]
                unsafe fn execute(call: &Call) {
                    let mut inputs = 0..;
                    let mut states = 0..;
                    // SAFETY: the host is one of this node, whose inputs and states these are, in the order of their slots.
                    $(let $input = unsafe { call.input::<$input_type>(inputs.next().unwrap_or_default()) };)*
                    $(
                        // SAFETY: as above.
                        let $state = unsafe { call.state::<$state_type>(states.next().unwrap_or_default()) };
                    )*
                    _ = (&mut inputs, &mut states);
                    // A body may return early.
                    let body = || $body;
                    if let Some(value) = body() {
                        // SAFETY: the output is of the type of the value.
                        unsafe { call.output(value) };
                    }
                }
            }
        )*
    };
}

nodes! {
    "streaming/s_collatz" Collatz(n: i64;) {
        let (mut value, mut count) = (n, 0_i64);
        while value != 1 {
            value = if value & 1 == 0 { value >> 1 } else { value.wrapping_mul(3).wrapping_add(1) };
            count += 1;
        }
        Some(count)
    }
    "streaming/s_corr" Correlation(x: f64, y: f64; cxx: f64, cxy: f64, cyy: f64, mx: f64, my: f64, n: i64) {
        n.set(n.get() + 1);
        let count = n.get() as f64;
        let (dx, dy) = (x - mx.get(), y - my.get());
        mx.set(mx.get() + dx / count);
        my.set(my.get() + dy / count);
        cxx.set(cxx.get() + dx * (x - mx.get()));
        cyy.set(cyy.get() + dy * (y - my.get()));
        cxy.set(cxy.get() + dx * (y - my.get()));
        (cxx.get() > 0.0 && cyy.get() > 0.0).then(|| cxy.get() / (cxx.get() * cyy.get()).sqrt())
    }
    "streaming/s_cusum" Cusum(x: f64; down: f64, up: f64) {
        let (raised, lowered) = (up.get() + x - 0.25, down.get() + x + 0.25);
        up.set(if raised > 0.0 { raised } else { 0.0 });
        down.set(if lowered < 0.0 { lowered } else { 0.0 });
        if up.get() > 2.0 {
            up.set(0.0);
            return Some(1_i64);
        }
        if down.get() < -2.0 {
            down.set(0.0);
            return Some(-1);
        }
        None
    }
    "streaming/s_drawdown" Drawdown(price: f64; peak: f64) {
        if price > peak.get() {
            peak.set(price);
        }
        Some((peak.get() - price) / peak.get())
    }
    "streaming/s_ema" Ema(x: f64; y: f64, started: i8) {
        if started.get() == 0 {
            y.set(x);
            started.set(1);
        } else {
            y.set(0.2 * x + (1.0 - 0.2) * y.get());
        }
        Some(y.get())
    }
    "streaming/s_fsm" StateMachine(event: i64; state: i64) {
        let before = state.get();
        match (before, event) {
            (0, 1) => state.set(1),
            (1, 2) => state.set(2),
            (1, 0) => state.set(0),
            (2, 3..) => state.set(0),
            _ => {}
        }
        (state.get() != before).then(|| before.wrapping_mul(10).wrapping_add(state.get()))
    }
    "streaming/s_gcd" Gcd(a: i64, b: i64;) {
        let (mut u, mut v) = (a.wrapping_abs(), b.wrapping_abs());
        while v != 0 {
            (u, v) = (v, remainder(u, v));
        }
        Some(u)
    }
    "streaming/s_isqrt" IntegerRoot(x: i64;) {
        if x < 2 {
            return Some(x);
        }
        let mut root = x >> 1;
        while root.wrapping_mul(root) > x {
            root = root.wrapping_add(divided(x, root)) >> 1;
        }
        Some(root)
    }
    "streaming/s_kalman1d" Kalman(z: f64; p: f64, x: f64) {
        let before = p.get() + 0.01;
        let k = before / (before + 0.5);
        x.set(x.get() + k * (z - x.get()));
        p.set((1.0 - k) * before);
        Some(x.get())
    }
    "streaming/s_linreg_slope" Slope(y: f64; n: i64, sx: f64, sxx: f64, sxy: f64, sy: f64) {
        let x = n.get() as f64;
        n.set(n.get().wrapping_add(1));
        sx.set(sx.get() + x);
        sy.set(sy.get() + y);
        sxx.set(sxx.get() + x * x);
        sxy.set(sxy.get() + x * y);
        let count = n.get() as f64;
        (n.get() >= 2).then(|| {
            (count * sxy.get() - sx.get() * sy.get()) / (count * sxx.get() - sx.get() * sx.get())
        })
    }
    "streaming/s_newton_sqrt" NewtonRoot(x: f64;) {
        if x <= 0.0 {
            return Some(0.0);
        }
        let mut root = x;
        for _ in 0..60 {
            let next = 0.5 * (root + x / root);
            if next == root {
                break;
            }
            root = next;
        }
        Some(root)
    }
    "streaming/s_position_pnl" Position(quantity: i64, price: f64; average: f64, position: i64, realized: f64) {
        let held = position.get();
        let (held_size, size) = (held.wrapping_abs(), quantity.wrapping_abs());
        if held == 0 || (held > 0) == (quantity > 0) {
            let sum = average.get() * held_size as f64 + price * size as f64;
            average.set(sum / held_size.wrapping_add(size) as f64);
            position.set(held.wrapping_add(quantity));
        } else {
            let closed = held_size.min(size) as f64;
            let sign = if held > 0 { 1.0 } else { -1.0 };
            realized.set(realized.get() + closed * (price - average.get()) * sign);
            position.set(held.wrapping_add(quantity));
            if size > held_size {
                average.set(price);
            }
            if position.get() == 0 {
                average.set(0.0);
            }
        }
        Some(realized.get() + position.get() as f64 * (price - average.get()))
    }
    "streaming/s_rsi" RelativeStrength(price: f64; gain: f64, loss: f64, count: i64, previous: f64) {
        if count.get() > 0 {
            let change = price - previous.get();
            let up = if change > 0.0 { change } else { 0.0 };
            let down = if change < 0.0 { -change } else { 0.0 };
            if count.get() <= 5 {
                gain.set(gain.get() + up / 5.0);
                loss.set(loss.get() + down / 5.0);
            } else {
                gain.set((gain.get() * 4.0 + up) / 5.0);
                loss.set((loss.get() * 4.0 + down) / 5.0);
            }
        }
        previous.set(price);
        count.set(count.get().wrapping_add(1));
        if count.get() <= 5 {
            return None;
        }
        if loss.get() == 0.0 {
            return Some(100.0);
        }
        Some(100.0 - 100.0 / (1.0 + gain.get() / loss.get()))
    }
    "streaming/s_spread" Spread(bid: f64, ask: f64; best: f64) {
        if ask <= bid {
            return None;
        }
        let spread = ask - bid;
        if spread < best.get() {
            best.set(spread);
        }
        Some(spread - best.get())
    }
    "streaming/s_welford_var" Variance(x: f64; m2: f64, mean: f64, n: i64) {
        n.set(n.get().wrapping_add(1));
        let delta = x - mean.get();
        mean.set(mean.get() + delta / n.get() as f64);
        m2.set(m2.get() + delta * (x - mean.get()));
        (n.get() > 1).then(|| m2.get() / n.get().wrapping_sub(1) as f64)
    }
    "streaming/s_zscore" Score(x: f64; m2: f64, mean: f64, n: i64) {
        n.set(n.get().wrapping_add(1));
        let delta = x - mean.get();
        mean.set(mean.get() + delta / n.get() as f64);
        m2.set(m2.get() + delta * (x - mean.get()));
        if n.get() < 3 || m2.get() <= 0.0 {
            return None;
        }
        let deviation = (m2.get() / n.get().wrapping_sub(1) as f64).sqrt();
        Some((x - mean.get()) / deviation)
    }
    "state/st_bool_from_cmp" WasLarge(x: i64; was: i8) {
        let before = i64::from(was.get() != 0);
        was.set(truth(x > 5));
        Some(before)
    }
    "state/st_bool_int_mix" CountSeen(x: i64; n: i64, seen: i8) {
        n.set(n.get().wrapping_add(i64::from(seen.get())));
        seen.set(truth(seen.get() != 0 || x > 3));
        Some(n.get())
    }
    "state/st_datetime" Gap(x: i64; last: i64) {
        let gap = x.wrapping_sub(last.get());
        last.set(x);
        Some(gap)
    }
    "state/st_float" Decay(x: f64; sum: f64) {
        sum.set(sum.get() * 0.5 + x);
        Some(sum.get())
    }
    "state/st_float_int_literal" FloatSum(x: i64; sum: f64) {
        sum.set(sum.get() + x as f64);
        Some(sum.get())
    }
    "state/st_float_into_int" WholeSum(x: f64; sum: i64) {
        sum.set((sum.get() as f64 + x) as i64);
        Some(sum.get())
    }
    "state/st_in_loop" Loops(n: i64; sum: i64) {
        for i in 0..n {
            if i == 3 {
                continue;
            }
            sum.set(sum.get().wrapping_add(i));
        }
        while sum.get() > 20 {
            sum.set(sum.get() - 7);
        }
        Some(sum.get())
    }
    "state/st_loop_var" LastOfRange(x: i64; last: i64) {
        for i in 0..x {
            last.set(i);
        }
        Some(last.get())
    }
    "state/st_mixed_order" Mixed(x: i64; beta: i64, delta: i64, gamma: f64, alpha: i8, zeta: i8) {
        beta.set(beta.get().wrapping_add(x));
        gamma.set(gamma.get() + 1.0);
        delta.set(delta.get().wrapping_sub(x));
        alpha.set(truth(beta.get() > delta.get()));
        zeta.set(truth(alpha.get() == 0));
        Some(gamma.get() * 1000.0 + beta.get() as f64 + delta.get() as f64)
    }
    "state/st_partial_update" Partial(x: i64; a: i64, b: i64) {
        a.set(a.get().wrapping_add(1));
        if x < 0 {
            return None;
        }
        b.set(b.get().wrapping_add(1));
        Some(a.get().wrapping_mul(100).wrapping_add(b.get()))
    }
    "state/st_swap" Swap(x: i64; a: i64, b: i64) {
        let (next_a, next_b) = (b.get(), a.get().wrapping_add(x));
        a.set(next_a);
        b.set(next_b);
        Some(a.get().wrapping_mul(1000).wrapping_add(b.get()))
    }
    "state/st_wrap" Wrap(x: i64; sum: i64) {
        sum.set(sum.get().wrapping_add(x));
        Some(sum.get())
    }
}

#[cfg(test)]
mod tests {
    use super::{divided, remainder};

    #[test]
    fn division_rounds_down() {
        for (left, right) in [(7, 2), (-7, 2), (7, -2), (-7, -2), (6, 3), (-6, 3)] {
            assert_eq!(divided(left, right), (left as f64 / right as f64).floor() as i64);
            assert_eq!(divided(left, right) * right + remainder(left, right), left);
        }
        assert_eq!((divided(5, 0), remainder(5, 0)), (0, 0));
        assert_eq!((divided(i64::MIN, -1), remainder(i64::MIN, -1)), (i64::MIN, 0));
    }
}

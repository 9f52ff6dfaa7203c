//! What a run says when it is done, and the clock behind its time per tick.

use std::time::{Duration, Instant};

use crate::message;

/// Counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Data rows read.
    pub(crate) rows: u64,
    /// Calls with EXECUTE.
    pub(crate) ticks: u64,
    /// Rows written.
    pub(crate) written: u64,
    /// Node errors.
    pub(crate) errors: u64,
    /// Time from source text to callable code.
    pub(crate) compile: Duration,
    /// Time a call with EXECUTE takes, as far as measured.
    pub(crate) tick: Option<Duration>,
    /// Time of the whole run: reading, calls, writing.
    pub(crate) run: Duration,
    /// The symbol of the node.
    pub(crate) native_name: String,
}

impl Summary {
    /// Prints the summary.
    pub(crate) fn print(&self) {
        let per_row = self.run.checked_div(u32::try_from(self.rows.max(1)).unwrap_or(u32::MAX)).unwrap_or_default();
        message::line(&format!("rows          {}", self.rows));
        message::line(&format!("ticks         {}", self.ticks));
        message::line(&format!("rows written  {}", self.written));
        message::line(&format!("errors        {}", self.errors));
        message::line(&format!("compile time  {}", shown(self.compile)));
        message::line(&format!("time a tick   {}", self.tick.map_or_else(|| "-".to_owned(), shown)));
        message::line(&format!("run time      {} ({} a row)", shown(self.run), shown(per_row)));
        message::line(&format!("native name   {}", self.native_name));
    }
}

/// Measures a sample of calls, since reading the clock costs more than many calls do.
#[derive(Debug)]
pub(crate) struct TickClock {
    calls: u64,
    sampled: u32,
    total: Duration,
    overhead: Duration,
}

impl TickClock {
    /// One call of this many is measured.
    const INTERVAL: u64 = 16;

    /// A clock that knows what reading it costs.
    pub(crate) fn new() -> Self {
        const TRIALS: usize = 64;
        let overhead = (0..TRIALS).map(|_| Instant::now().elapsed()).min().unwrap_or_default();
        Self { calls: 0, sampled: 0, total: Duration::ZERO, overhead }
    }

    /// Runs a call, and measures it when its turn has come.
    #[inline]
    pub(crate) fn call<T>(&mut self, call: impl FnOnce() -> T) -> T {
        self.calls += 1;
        if !self.calls.is_multiple_of(Self::INTERVAL) || self.sampled == u32::MAX {
            return call();
        }
        let start = Instant::now();
        let result = call();
        self.total += start.elapsed().saturating_sub(self.overhead);
        self.sampled += 1;
        result
    }

    /// Calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    /// The mean time of the measured calls.
    pub(crate) fn mean(&self) -> Option<Duration> {
        self.total.checked_div(self.sampled)
    }
}

/// A duration with a unit that suits it.
fn shown(duration: Duration) -> String {
    let nanoseconds = duration.as_nanos();
    match nanoseconds {
        0..10_000 => format!("{nanoseconds} ns"),
        10_000..1_000_000 => format!("{:.1} µs", duration.as_secs_f64() * 1e6),
        1_000_000..10_000_000_000 => format!("{:.1} ms", duration.as_secs_f64() * 1e3),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{TickClock, shown};

    #[test]
    fn durations_have_a_unit_that_suits_them() {
        assert_eq!(shown(Duration::from_nanos(12)), "12 ns");
        assert_eq!(shown(Duration::from_micros(190)), "190.0 µs");
        assert_eq!(shown(Duration::from_micros(2_580)), "2.6 ms");
        assert_eq!(shown(Duration::from_millis(45)), "45.0 ms");
        assert_eq!(shown(Duration::from_secs(75)), "75.0 s");
    }

    #[test]
    fn a_sample_of_calls_is_measured() {
        let mut clock = TickClock::new();
        assert_eq!(clock.mean(), None);
        for _ in 0..16 {
            clock.call(|| std::thread::sleep(Duration::from_millis(2)));
        }
        assert_eq!(clock.calls(), 16);
        assert!(clock.mean().is_some_and(|mean| mean >= Duration::from_millis(1)));
    }
}

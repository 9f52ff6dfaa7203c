//! A host: the memory that the extension's parameters point at, for one node.

use std::sync::{Arc, Mutex, PoisonError};

use cfunc_compiler::{
    AccessError, CellValue, CompilationResult, InputHandle, InstantiateError, MetadataValue, NodeError, NodeInstance,
    SnapshotError, SymbolTable, Value,
};

use crate::alarm::ALARM_SYMBOL;
use crate::book::{LEVEL_SYMBOL, level};
use crate::category::{COUNTS, RUNTIME};

/// What the host keeps for all its nodes.
#[derive(Debug, Default)]
pub struct Runtime {
    alarms: Mutex<Vec<i64>>,
}

impl Runtime {
    /// The levels of the alarms that were raised since the last look.
    pub fn take_alarms(&self) -> Vec<i64> {
        std::mem::take(&mut self.alarms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// # Safety
///
/// `runtime` is a runtime that lives.
unsafe extern "C" fn alarm(runtime: *const Runtime, level: i64) {
    // SAFETY: the caller's promise.
    let runtime = unsafe { &*runtime };
    runtime.alarms.lock().unwrap_or_else(PoisonError::into_inner).push(level);
}

/// The host's functions that nodes call.
pub fn symbols() -> SymbolTable {
    let mut symbols = SymbolTable::new();
    // SAFETY: the functions have the signatures that the rules declare, and may be called from every thread with the
    // pointers that nodes have of them.
    unsafe {
        symbols.register(ALARM_SYMBOL, alarm as *const u8);
        symbols.register(LEVEL_SYMBOL, level as *const u8);
    }
    symbols
}

/// A series of a node, as one of values of a Rust type.
#[derive(Clone, Copy, Debug)]
pub struct Series<T> {
    input: InputHandle<T>,
    position: usize,
}

/// A node with what the host supplies to it.
#[derive(Debug)]
pub struct TimeSeriesNode {
    // First, so that it is stopped while the others are there.
    node: NodeInstance,
    counts: *mut [i64],
    /// The position of the first series among the inputs.
    first: usize,
    #[expect(dead_code, reason = "the node holds a pointer to it")]
    runtime: Arc<Runtime>,
}

impl TimeSeriesNode {
    /// A node of a result that was compiled with the extension.
    ///
    /// # Errors
    ///
    /// Where no node can be made of it.
    pub fn new(result: &CompilationResult, runtime: Arc<Runtime>) -> Result<Self, InstantiateError> {
        let names = match result.metadata().get("ts_inputs") {
            Some(MetadataValue::Texts(names)) => names.as_slice(),
            _ => &[],
        };
        let first = result.inputs().iter().position(|input| names.first().is_some_and(|name| *name == *input.name));
        let first = first.unwrap_or(0);
        let mut node = result.instantiate()?;
        let counts: *mut [i64] = Box::into_raw(vec![0; names.len().max(1)].into_boxed_slice());
        // SAFETY: both live as long as the node: the counts until its drop here, the runtime by the count of its owners.
        // A parameter that is not there cannot be supplied, and nothing reads it then.
        unsafe {
            let _absent = node.supply(COUNTS, counts.cast());
            let _absent = node.supply(RUNTIME, Arc::as_ptr(&runtime).cast());
        }
        Ok(Self { node, counts, first, runtime })
    }

    /// Gives a series its newest value, for the next tick.
    ///
    /// # Errors
    ///
    /// Where there is no such series, or it is of another type.
    pub fn tick(&mut self, series: usize, value: &Value) -> Result<(), AccessError> {
        self.node.set_value(series, value)?;
        self.count(series);
        Ok(())
    }

    /// Gives a series of pointers its newest one.
    ///
    /// # Errors
    ///
    /// Where there is no such series, or it is of another type.
    ///
    /// # Safety
    ///
    /// As for [`NodeInstance::set_pointer`].
    #[inline]
    pub unsafe fn tick_pointer(&mut self, series: usize, pointer: *mut u8) -> Result<(), AccessError> {
        // SAFETY: the caller's promise.
        unsafe { self.node.set_pointer(series, pointer) }?;
        self.count(series);
        Ok(())
    }

    /// The series of a name, as one of values of a Rust type.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::input`].
    pub fn series<T: CellValue>(&self, name: &str) -> Result<Series<T>, AccessError> {
        let input = self.node.input(name)?;
        let position = self.node.input_index(name).ok_or_else(|| AccessError::NoSuchInput(name.to_owned()))?;
        Ok(Series { input, position })
    }

    /// Gives a series its newest value, for the next tick.
    ///
    /// # Panics
    ///
    /// With a series of another result that does not fit this one.
    #[inline]
    pub fn tick_as<T: CellValue>(&mut self, series: Series<T>, value: T) {
        self.node.set(series.input, value);
        self.count(series.position);
    }

    #[inline]
    fn count(&mut self, series: usize) {
        // SAFETY: the counts are the node's own, and no call is under way.
        let counts = unsafe { &mut *self.counts };
        if let Some(count) = series.checked_sub(self.first).and_then(|series| counts.get_mut(series)) {
            *count += 1;
        }
    }

    /// The node itself: its outputs, its states, snapshots.
    #[inline]
    pub fn instance(&self) -> &NodeInstance {
        &self.node
    }

    /// As [`NodeInstance::restore`]; the counts of the series go on.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::restore`].
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        self.node.restore(snapshot)
    }

    /// Runs START.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::start`].
    pub fn start(&mut self) -> Result<(), NodeError> {
        self.node.start()
    }

    /// Runs one tick.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::execute`].
    #[inline]
    pub fn execute(&mut self) -> Result<(), NodeError> {
        self.node.execute()
    }

    /// Runs STOP.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::stop`].
    pub fn stop(&mut self) -> Result<(), NodeError> {
        self.node.stop()
    }

    /// The values of the outputs; `None` for those that did not tick.
    pub fn outputs(&self, count: usize) -> Vec<Option<Value>> {
        (0..count).map(|index| self.node.output_value(index)).collect()
    }
}

impl Drop for TimeSeriesNode {
    fn drop(&mut self) {
        if self.node.is_started() {
            // Nobody is left to tell.
            let _error = self.node.stop();
        }
        // SAFETY: made by `Box::into_raw`, and the node is stopped.
        drop(unsafe { Box::from_raw(self.counts) });
    }
}

// SAFETY: the counts are the node's own.
unsafe impl Send for TimeSeriesNode {}

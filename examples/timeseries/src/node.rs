//! A host: the memory that the extension's parameters point at, for one node.

use std::sync::{Arc, Mutex, PoisonError};

use cfunc_compiler::{
    AccessError, CompilationResult, InstantiateError, MetadataValue, NodeError, NodeInstance, SymbolTable, Value,
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

/// A node with what the host supplies to it.
#[derive(Debug)]
pub struct TimeSeriesNode {
    // First, so that it is stopped while the others are there.
    node: NodeInstance,
    counts: *mut [i64],
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
        let inputs = match result.metadata().get("ts_inputs") {
            Some(MetadataValue::Texts(names)) => names.len(),
            _ => 0,
        };
        let mut node = result.instantiate()?;
        let counts: *mut [i64] = Box::into_raw(vec![0; inputs.max(1)].into_boxed_slice());
        // SAFETY: both live as long as the node: the counts until its drop here, the runtime by the count of its owners.
        // A parameter that is not there cannot be supplied, and nothing reads it then.
        unsafe {
            let _absent = node.supply(COUNTS, counts.cast());
            let _absent = node.supply(RUNTIME, Arc::as_ptr(&runtime).cast());
        }
        Ok(Self { node, counts, runtime })
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
    pub unsafe fn tick_pointer(&mut self, series: usize, pointer: *mut u8) -> Result<(), AccessError> {
        // SAFETY: the caller's promise.
        unsafe { self.node.set_pointer(series, pointer) }?;
        self.count(series);
        Ok(())
    }

    fn count(&mut self, series: usize) {
        // SAFETY: the counts are the node's own, and no call is under way.
        if let Some(count) = unsafe { &mut *self.counts }.get_mut(series) {
            *count += 1;
        }
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
    pub fn execute(&mut self) -> Result<(), NodeError> {
        self.node.execute()
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

//! A node that runs: its memory, its phases, its calls.

mod access;
mod arena;
mod cell;
mod entry;
mod handle;
mod host;
mod member_cells;
mod memory;
mod slots;
mod snapshot;
mod supply;

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

use cfunc_backend::CompiledCode;
use cfunc_models::{AbiRole, LifecyclePhase, NodeErrorKind, SiteId};
use cfunc_runtime::{MemoryAccount, NodeError, SavedThreadState, error_pending, take_error};

pub(crate) use cell::holds as cell_holds;
pub use cell::{CellValue, Datetime, StructCell, Timedelta};
pub use handle::{InputHandle, OutputHandle};
pub use host::InterruptHandle;
pub(crate) use snapshot::SnapshotPlan;

use self::cell::CellKind;
use self::entry::Entry;
use self::host::HostSettings;
use self::slots::{Slots, Supply};
use self::supply::Supplier;
use crate::InstantiateError;
use crate::unit::Unit;

/// The site of errors that no operation of a source raised.
const NO_SITE: SiteId = SiteId(u32::MAX);

/// Where a node is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Created,
    Started,
    Stopped,
}

/// One node of a compiled function: it owns the cells, flags and states that the code works on, calls it, and keeps it
/// alive. It may move between threads between calls.
///
/// START runs once before the first EXECUTE and STOP once after the last; after STOP the node may be started again, from
/// its initial states. Calls in another order are errors of kind [`NodeErrorKind::Lifecycle`] and reach no code. A node
/// that is dropped while it is started is stopped first.
pub struct NodeInstance {
    slots: Slots,
    /// What gives words of the signature anew for each call, with their positions.
    suppliers: Vec<(usize, Supplier)>,
    entry: Entry,
    /// The position of the phase among the words.
    phase_word: usize,
    /// Whether a call can leave an error.
    fallible: bool,
    phase: Phase,
    /// What the host wants of the calls, where it wants something.
    host: Option<Box<HostSettings>>,
    /// What the containers of the node use and may use, where that is limited.
    memory: Option<Box<MemoryAccount>>,
    code: Arc<dyn CompiledCode>,
    unit: Arc<Unit>,
}

// SAFETY: the pointers lead into the arena, which the instance owns alone, and to code, which any thread may run. What
// the host supplied is its own to vouch for, as `supply` says, and what supplies it may move too.
unsafe impl Send for NodeInstance {}

impl NodeInstance {
    pub(crate) fn new(unit: Arc<Unit>) -> Result<Self, InstantiateError> {
        let code = Arc::clone(&unit.code);
        Self::with_code(unit, code)
    }

    /// A node on other code of the same function.
    pub(crate) fn with_code(unit: Arc<Unit>, code: Arc<dyn CompiledCode>) -> Result<Self, InstantiateError> {
        let slots = Slots::new(&unit)?;
        let parameters = unit.parameters();
        let phase_word = parameters.iter().position(|parameter| parameter.role == AbiRole::Phase);
        let mut instance = Self {
            slots,
            suppliers: Vec::new(),
            entry: Entry::bind(&*code, parameters),
            // Every context has the lifecycle category.
            phase_word: phase_word.unwrap_or(0),
            // An interpreter reports its own faults besides.
            fallible: !unit.site_spans.is_empty() || code.entry_address().is_none(),
            phase: Phase::Created,
            host: None,
            memory: None,
            code,
            unit,
        };
        instance.initialise_states()?;
        Ok(instance)
    }

    /// Puts the initial values into the states; containers are what START makes.
    fn initialise_states(&mut self) -> Result<(), InstantiateError> {
        let unit = Arc::clone(&self.unit);
        for (index, state) in unit.function().states.iter().enumerate() {
            if self.slots.states[index].kind != CellKind::Container {
                self.write_state(index, &state.initial)
                    .map_err(|error| InstantiateError::InitialState { name: state.name.to_string(), error })?;
            }
        }
        Ok(())
    }

    /// The first input that is an object of the host, and that the host has not given.
    pub(super) fn missing_object(&self) -> Option<&str> {
        let objects = self.slots.inputs.iter().zip(&self.unit.inputs).filter(|(slot, _)| slot.kind == CellKind::Object);
        let mut missing = objects.filter(|(slot, _)| {
            // SAFETY: the slot is an address in the arena.
            unsafe { slot.cell.cast::<usize>().read() == 0 }
        });
        missing.next().map(|(_, input)| &*input.name)
    }

    /// Runs START. After an error the node is stopped, and may be started again.
    ///
    /// # Errors
    ///
    /// What ended START; [`NodeErrorKind::Lifecycle`] where the node is started already, or the host has not supplied
    /// all that it must.
    pub fn start(&mut self) -> Result<(), NodeError> {
        match self.phase {
            Phase::Started => return Err(self.misuse("the node is started already")),
            Phase::Created => {}
            Phase::Stopped => {
                let restored = self.initialise_states();
                restored.map_err(|error| self.misuse(&error.to_string()))?;
            }
        }
        if let Some((index, _)) = self.slots.supplied.iter().find(|(_, supply)| *supply == Supply::Missing) {
            let name = &self.unit.parameters()[*index].name;
            return Err(self.misuse(&format!("the host has not supplied the parameter `{name}`")));
        }
        if let Some(name) = self.missing_object() {
            return Err(self.misuse(&format!("the host has not said which object the input `{name}` is")));
        }
        // SAFETY: see `run`; the node is not started.
        let started = unsafe { self.run(LifecyclePhase::Start) };
        self.phase = Phase::Started;
        if started.is_err() {
            // What START allocated before it failed is freed by STOP; a second error would hide the first.
            let _second = self.stop();
        }
        started
    }

    /// Runs EXECUTE, one tick: clears the outputs' flags, calls the code, clears the inputs' ticked flags.
    ///
    /// # Errors
    ///
    /// What ended the call; then no output ticked, and what the states hold stays as it is.
    /// [`NodeErrorKind::Lifecycle`] where the node is not started.
    #[inline]
    pub fn execute(&mut self) -> Result<(), NodeError> {
        if self.phase != Phase::Started {
            return Err(self.misuse("the node is not started"));
        }
        // SAFETY: the arena is the instance's own.
        unsafe { self.slots.output_ticked.clear() };
        // SAFETY: see `run`; the node is started.
        let executed = unsafe { self.run(LifecyclePhase::Execute) };
        // SAFETY: as above.
        unsafe { self.slots.input_ticked.clear() };
        executed
    }

    /// Runs STOP.
    ///
    /// # Errors
    ///
    /// What ended STOP, after which the node is stopped nevertheless; [`NodeErrorKind::Lifecycle`] where the node is not
    /// started.
    pub fn stop(&mut self) -> Result<(), NodeError> {
        if self.phase != Phase::Started {
            return Err(self.misuse("the node is not started"));
        }
        self.phase = Phase::Stopped;
        // SAFETY: see `run`; the node was started.
        unsafe { self.run(LifecyclePhase::Stop) }
    }

    /// Limits the bytes that the containers of the node may use, those of states and of a running call together. What
    /// needs more ends with an error of kind [`NodeErrorKind::MemoryLimit`], which no `except` stops; the node goes on
    /// living. `None`: no limit, as at first.
    ///
    /// # Errors
    ///
    /// [`NodeErrorKind::Lifecycle`] where the node is started: what it uses already was not counted.
    pub fn set_memory_limit(&mut self, bytes: Option<NonZeroU64>) -> Result<(), NodeError> {
        if self.phase == Phase::Started {
            return Err(self.misuse("the node is started: its memory is limited before"));
        }
        self.memory = bytes.map(|bytes| Box::new(MemoryAccount::new(bytes.get())));
        Ok(())
    }

    /// The bytes that the containers of the node use, where they are limited.
    pub fn memory_used(&self) -> Option<u64> {
        self.memory.as_ref().map(|account| account.used())
    }

    /// Whether START ran and STOP did not.
    pub fn is_started(&self) -> bool {
        self.phase == Phase::Started
    }

    /// Calls the code for a phase and takes the error it leaves.
    ///
    /// # Safety
    ///
    /// The phase is one that may follow in the life of the node: then the words are pointers to arrays and cells as the
    /// ABI wants them, which live in the arena, or are what the host vouched for in `supply`.
    #[inline]
    unsafe fn run(&mut self, phase: LifecyclePhase) -> Result<(), NodeError> {
        self.slots.words[self.phase_word] = phase as u64;
        if !self.suppliers.is_empty() {
            self.ask_suppliers();
        }
        if !self.fallible {
            // SAFETY: the caller's promise.
            unsafe { self.call() };
            return Ok(());
        }
        if error_pending() {
            // SAFETY: the caller's promise.
            return unsafe { self.call_beside_error() };
        }
        // SAFETY: the caller's promise.
        unsafe { self.call() };
        if error_pending() { self.failure() } else { Ok(()) }
    }

    /// Calls the code while an error is pending, which is not this call's: of a call around this one, or of code that the
    /// host called itself. It is put aside, since the first error wins.
    ///
    /// # Safety
    ///
    /// As for `run`.
    #[cold]
    #[inline(never)]
    unsafe fn call_beside_error(&mut self) -> Result<(), NodeError> {
        let outer = SavedThreadState::save();
        // SAFETY: the caller's promise.
        unsafe { self.call() };
        let result = self.failure();
        drop(outer);
        result
    }

    /// Takes the error that a call left.
    #[cold]
    #[inline(never)]
    fn failure(&self) -> Result<(), NodeError> {
        let Some(error) = take_error() else { return Ok(()) };
        if let Some(host) = &self.host {
            host.note(&error);
        }
        Err(error)
    }

    /// Calls the code as the host wants its calls.
    ///
    /// # Safety
    ///
    /// As for `run`.
    #[inline]
    unsafe fn call(&mut self) {
        if self.host.is_some() || self.memory.is_some() {
            // SAFETY: the caller's promise.
            return unsafe { self.call_with_settings() };
        }
        // SAFETY: the caller's promise.
        unsafe { self.entry.call(&*self.code, &self.slots.words) }
    }

    /// Calls the code with the settings and limits of the host.
    ///
    /// # Safety
    ///
    /// As for `run`.
    #[inline(never)]
    unsafe fn call_with_settings(&mut self) {
        let (entry, code, words) = (self.entry, &*self.code, &self.slots.words);
        let host = &mut self.host;
        let mut run = || match host {
            // SAFETY: the caller's promise.
            None => unsafe { entry.call(code, words) },
            Some(host) => host.settings().run(|| {
                // SAFETY: the caller's promise.
                unsafe { entry.call(code, words) }
            }),
        };
        match &mut self.memory {
            None => run(),
            Some(account) => account.run(run),
        }
    }

    #[cold]
    fn misuse(&self, message: &str) -> NodeError {
        NodeError {
            kind: NodeErrorKind::Lifecycle,
            message: message.to_owned(),
            site: NO_SITE,
            native_name: self.unit.native_name.to_string(),
        }
    }
}

impl Drop for NodeInstance {
    fn drop(&mut self) {
        if self.phase == Phase::Started {
            // A panic of what supplies pointers must not meet another one; the last that it gave are good until now.
            self.suppliers.clear();
            // Nobody is left to tell.
            let _error = self.stop();
        }
    }
}

impl fmt::Debug for NodeInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NodeInstance")
            .field("native_name", &self.unit.native_name)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

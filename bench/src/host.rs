//! A host of compiled nodes as a C host is one: it owns cells and arrays of pointers, and calls by address.

use std::cell::Cell;
use std::ffi::c_void;
use std::time::Instant;

use anyhow::{Result, bail};
use cfunc_compiler::{CompilationResult, CompiledCode, Value};

/// The signature of a node with signals.
pub(crate) type NodeFunction =
    unsafe extern "C" fn(*mut *mut c_void, *mut i8, *mut *mut c_void, i8, *mut *mut c_void, *mut i8, *mut i8);

/// The view that `peer/driver.c` has of the arrays of a node.
#[repr(C)]
struct DriverHost {
    outputs: *mut *mut c_void,
    output_ticked: *mut i8,
    states: *mut *mut c_void,
    inputs: *mut *mut c_void,
    input_ticked: *mut i8,
    input_valid: *mut i8,
    input_count: i64,
    output_count: i64,
}

// SAFETY: `peer/driver.c`, which the build script links, defines the functions with these signatures.
unsafe extern "C" {
    /// Calls something under a name that callgrind knows.
    fn cfunc_bench_call(work: unsafe extern "C" fn(*mut c_void), data: *mut c_void);

    /// A node that does nothing.
    fn cfunc_bench_empty(
        outputs: *mut *mut c_void,
        output_ticked: *mut i8,
        states: *mut *mut c_void,
        phase: i8,
        inputs: *mut *mut c_void,
        input_ticked: *mut i8,
        input_valid: *mut i8,
    );

    /// Nanoseconds for so many calls of EXECUTE; the rows of input cells are replayed.
    fn cfunc_bench_drive(
        node: NodeFunction,
        host: *const DriverHost,
        rows: *const u64,
        row_count: i64,
        calls: i64,
    ) -> i64;

    /// The same, where the rows are the addresses of the inputs themselves.
    fn cfunc_bench_drive_objects(
        node: NodeFunction,
        host: *const DriverHost,
        rows: *const u64,
        row_count: i64,
        calls: i64,
    ) -> i64;

    /// Calls EXECUTE for each row; a number that all values of the first output decide.
    fn cfunc_bench_digest(node: NodeFunction, host: *const DriverHost, rows: *const u64, row_count: i64) -> u64;
}

/// A node that does nothing, for any host.
pub(crate) const EMPTY: NodeFunction = cfunc_bench_empty;

/// Calls something within the C function `cfunc_bench_call`.
pub(crate) fn call_counted<F: FnMut()>(mut work: F) {
    /// # Safety
    ///
    /// The data is a live `F` that nothing else uses.
    unsafe extern "C" fn trampoline<F: FnMut()>(data: *mut c_void) {
        // SAFETY: the caller's promise.
        unsafe { (*data.cast::<F>())() }
    }
    // SAFETY: the data is the closure that the trampoline is made for.
    unsafe { cfunc_bench_call(trampoline::<F>, (&raw mut work).cast()) }
}

/// What the words of rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowForm {
    /// The values of cells.
    Cells,
    /// The addresses of the host's objects, which are what the array of inputs holds.
    Objects,
}

/// What EXECUTE is called.
const EXECUTE: i8 = 0;

/// What START is called.
const START: i8 = 1;

/// What STOP is called.
const STOP: i8 = 2;

/// A cell and the pointer that leads to it, for each variable of a kind.
struct Cells {
    cells: Box<[Cell<u64>]>,
    pointers: Box<[Cell<*mut c_void>]>,
}

impl Cells {
    fn new(values: impl IntoIterator<Item = u64>) -> Self {
        let cells: Box<[Cell<u64>]> = values.into_iter().map(Cell::new).collect();
        let pointers = cells.iter().map(|cell| Cell::new(cell.as_ptr().cast())).collect();
        Self { cells, pointers }
    }

    fn pointers(&self) -> *mut *mut c_void {
        self.pointers.as_ptr().cast_mut().cast()
    }
}

fn flags(count: usize, value: i8) -> Box<[Cell<i8>]> {
    std::iter::repeat_with(|| Cell::new(value)).take(count).collect()
}

fn start_of(flags: &[Cell<i8>]) -> *mut i8 {
    flags.as_ptr().cast_mut().cast()
}

/// The memory of one node with scalar cells and slots of containers. All inputs are ticked and valid in each call.
pub(crate) struct Host {
    /// The buffers of states that are structs.
    buffers: Vec<Box<[Cell<u64>]>>,
    outputs: Cells,
    output_ticked: Box<[Cell<i8>]>,
    states: Cells,
    inputs: Cells,
    input_ticked: Box<[Cell<i8>]>,
    input_valid: Box<[Cell<i8>]>,
    initial_states: Vec<u64>,
}

impl Host {
    /// Memory for a node of a compilation, states at their initial values, those that are structs all zeros; slots of
    /// containers hold NULL, as they may before START.
    ///
    /// # Errors
    ///
    /// A state is neither a scalar nor a container.
    pub(crate) fn new(result: &CompilationResult) -> Result<Self> {
        let metadata = result.metadata();
        let containers = metadata.nrt_state_indices();
        let structs = metadata.struct_state_indices();
        let is_cell = |index: &i64| !containers.contains(index) && !structs.contains(index);
        let states: Vec<u64> = (0..)
            .zip(metadata.state_values())
            .map(|(index, value)| if is_cell(&index) { bits(value) } else { Ok(0) })
            .collect::<Result<_>>()?;
        let mut host = Self::of(result.inputs().len(), result.outputs().len(), states);
        for slot in containers {
            host.states.pointers[usize::try_from(*slot)?].set(std::ptr::null_mut());
        }
        for (slot, size) in structs.iter().zip(metadata.struct_state_sizes()) {
            let words = usize::try_from(*size)?.div_ceil(8);
            let buffer: Box<[Cell<u64>]> = std::iter::repeat_with(|| Cell::new(0)).take(words).collect();
            host.states.pointers[usize::try_from(*slot)?].set(buffer.as_ptr().cast_mut().cast());
            host.buffers.push(buffer);
        }
        Ok(host)
    }

    /// Memory for a node of one input and one output whose only state is at an address.
    pub(crate) fn around(state: *mut c_void) -> Self {
        Self::around_with(1, 1, state)
    }

    /// Memory for a node of so many inputs and outputs whose only state is at an address.
    pub(crate) fn around_with(inputs: usize, outputs: usize, state: *mut c_void) -> Self {
        let host = Self::of(inputs, outputs, vec![0]);
        host.states.pointers[0].set(state);
        host
    }

    fn of(inputs: usize, outputs: usize, states: Vec<u64>) -> Self {
        Self {
            buffers: Vec::new(),
            outputs: Cells::new(vec![0; outputs]),
            output_ticked: flags(outputs, 0),
            states: Cells::new(states.iter().copied()),
            initial_states: states,
            inputs: Cells::new(vec![0; inputs]),
            input_ticked: flags(inputs, 1),
            input_valid: flags(inputs, 1),
        }
    }

    /// Puts the next row where the node finds it: values into the cells, or objects into the array of inputs.
    fn set_row(&self, row: &[u64], form: RowForm) {
        for ((cell, pointer), value) in self.inputs.cells.iter().zip(&self.inputs.pointers).zip(row) {
            match form {
                RowForm::Cells => cell.set(*value),
                RowForm::Objects => pointer.set(std::ptr::with_exposed_provenance_mut(*value as usize)),
            }
        }
    }

    /// Calls EXECUTE by a function for each row of inputs. Gives a number for each that all values that ticked until then
    /// decide, in the order of rows and outputs.
    pub(crate) fn digests(&self, rows: &[u64], form: RowForm, mut call: impl FnMut(&Self)) -> Vec<u64> {
        let mut digest = 0_u64;
        let next = rows.chunks_exact(self.inputs.cells.len()).map(|row| {
            let mut add = |word: u64| digest = digest.wrapping_mul(31).wrapping_add(word);
            self.set_row(row, form);
            self.output_ticked.iter().for_each(|flag| flag.set(0));
            call(self);
            let mut mask = 0;
            for (index, (cell, flag)) in self.outputs.cells.iter().zip(&self.output_ticked).enumerate() {
                if flag.get() != 0 {
                    add(cell.get());
                    mask |= 1 << index;
                }
            }
            add(mask);
            digest
        });
        next.collect()
    }

    /// Calls EXECUTE.
    ///
    /// # Safety
    ///
    /// As [`Host::call`].
    pub(crate) unsafe fn execute(&self, function: NodeFunction) {
        // SAFETY: the caller's promise.
        unsafe { self.call(function, EXECUTE) }
    }

    /// Calls a phase through an engine.
    ///
    /// # Safety
    ///
    /// The code is made for a node with these variables.
    pub(crate) unsafe fn execute_code(&self, code: &dyn CompiledCode, is_start: bool) {
        // SAFETY: the caller's promise.
        unsafe { code.call(&self.words(if is_start { START } else { EXECUTE })) }
    }

    /// As [`Host::drive`], in either form of rows.
    ///
    /// # Safety
    ///
    /// As [`Host::call`]; rows of objects are addresses of such, which live.
    pub(crate) unsafe fn drive_rows(&self, function: NodeFunction, rows: &[u64], calls: usize, form: RowForm) -> f64 {
        let arrays = self.arrays();
        let drive = match form {
            RowForm::Cells => cfunc_bench_drive,
            RowForm::Objects => cfunc_bench_drive_objects,
        };
        let count = (rows.len() / self.inputs.cells.len()) as i64;
        // SAFETY: the arrays are those of the host, with that many entries; there are whole rows; the caller vouches for
        // the function and the objects.
        let taken = unsafe { drive(function, &raw const arrays, rows.as_ptr(), count, calls as i64) };
        taken as f64 / calls as f64
    }

    /// As [`Host::drive_code`], in either form of rows.
    ///
    /// # Safety
    ///
    /// The code is made for a node with these variables; rows of objects are addresses of such, which live.
    pub(crate) unsafe fn drive_code_rows(&self, code: &dyn CompiledCode, rows: &[u64], form: RowForm) -> f64 {
        let words = self.words(EXECUTE);
        let width = self.inputs.cells.len();
        let begin = Instant::now();
        for row in rows.chunks_exact(width) {
            self.set_row(row, form);
            self.output_ticked.iter().for_each(|flag| flag.set(0));
            // SAFETY: the caller's promise.
            unsafe { code.call(&words) };
        }
        nanoseconds(begin, rows.len() / width)
    }

    /// The words of the call, for engines without native code.
    fn words(&self, phase: i8) -> [u64; 7] {
        let word = |pointer: *mut c_void| pointer.expose_provenance() as u64;
        [
            word(self.outputs.pointers().cast()),
            word(start_of(&self.output_ticked).cast()),
            word(self.states.pointers().cast()),
            i64::from(phase).cast_unsigned(),
            word(self.inputs.pointers().cast()),
            word(start_of(&self.input_ticked).cast()),
            word(start_of(&self.input_valid).cast()),
        ]
    }

    /// Calls a phase.
    ///
    /// # Safety
    ///
    /// The function is live and made for a node with these variables.
    unsafe fn call(&self, function: NodeFunction, phase: i8) {
        // SAFETY: the arrays are as the ABI wants them and live as long as the host; the caller vouches for the rest.
        unsafe {
            function(
                self.outputs.pointers(),
                start_of(&self.output_ticked),
                self.states.pointers(),
                phase,
                self.inputs.pointers(),
                start_of(&self.input_ticked),
                start_of(&self.input_valid),
            );
        }
    }

    /// Calls START.
    ///
    /// # Safety
    ///
    /// As [`Host::call`].
    pub(crate) unsafe fn start(&self, function: NodeFunction) {
        // SAFETY: the caller's promise.
        unsafe { self.call(function, START) }
    }

    /// Calls STOP.
    ///
    /// # Safety
    ///
    /// As [`Host::call`].
    pub(crate) unsafe fn stop(&self, function: NodeFunction) {
        // SAFETY: the caller's promise.
        unsafe { self.call(function, STOP) }
    }

    fn arrays(&self) -> DriverHost {
        DriverHost {
            outputs: self.outputs.pointers(),
            output_ticked: start_of(&self.output_ticked),
            states: self.states.pointers(),
            inputs: self.inputs.pointers(),
            input_ticked: start_of(&self.input_ticked),
            input_valid: start_of(&self.input_valid),
            input_count: self.inputs.cells.len() as i64,
            output_count: self.outputs.cells.len() as i64,
        }
    }

    /// Calls EXECUTE for each row of input cells. Gives a number that all values of the first output decide.
    ///
    /// # Safety
    ///
    /// As [`Host::call`], for a node with at least one input and one output.
    pub(crate) unsafe fn digest(&self, function: NodeFunction, rows: &[u64]) -> u64 {
        let arrays = self.arrays();
        // SAFETY: the arrays are those of the host; there are whole rows; the caller vouches for the function.
        unsafe {
            cfunc_bench_digest(function, &raw const arrays, rows.as_ptr(), (rows.len() as i64) / arrays.input_count)
        }
    }

    /// Nanoseconds a call of EXECUTE, over so many calls in the loop that the peer's process has too; the rows of input
    /// cells are replayed.
    ///
    /// # Safety
    ///
    /// As [`Host::call`].
    pub(crate) unsafe fn drive(&self, function: NodeFunction, rows: &[u64], calls: usize) -> f64 {
        let arrays = self.arrays();
        let inputs = self.inputs.cells.len();
        // SAFETY: the arrays are those of the host, with that many entries; there are whole rows; the caller vouches for
        // the function.
        let taken = unsafe {
            cfunc_bench_drive(function, &raw const arrays, rows.as_ptr(), (rows.len() / inputs) as i64, calls as i64)
        };
        taken as f64 / calls as f64
    }

    /// The same in Rust over a column, for a node of one input and one output that ticks each time: nothing but the store of the
    /// input and the call.
    ///
    /// # Safety
    ///
    /// As [`Host::call`], for a node with at least one input.
    #[inline(never)]
    pub(crate) unsafe fn drive_one(&self, function: NodeFunction, column: &[u64]) -> f64 {
        let cell = &self.inputs.cells[0];
        let begin = Instant::now();
        for value in column {
            cell.set(*value);
            // SAFETY: the caller's promise.
            unsafe { self.call(function, EXECUTE) };
        }
        nanoseconds(begin, column.len())
    }

    /// Nanoseconds a call through an engine.
    ///
    /// # Safety
    ///
    /// The code is made for a node with these variables.
    #[inline(never)]
    pub(crate) unsafe fn drive_code(&self, code: &dyn CompiledCode, rows: &[u64], calls: usize) -> f64 {
        let words = self.words(EXECUTE);
        let width = self.inputs.cells.len();
        let mut next = 0;
        let begin = Instant::now();
        for _ in 0..calls {
            for (cell, value) in self.inputs.cells.iter().zip(&rows[next..next + width]) {
                cell.set(*value);
            }
            for flag in &self.output_ticked {
                flag.set(0);
            }
            // SAFETY: the caller's promise.
            unsafe { code.call(&words) };
            next += width;
            if next == rows.len() {
                next = 0;
            }
        }
        nanoseconds(begin, calls)
    }

    /// Puts every cell back to what it held at first, so that another function of the same node can take its turn.
    pub(crate) fn reset(&self) {
        for (cell, value) in self.states.cells.iter().zip(&self.initial_states) {
            cell.set(*value);
        }
        self.inputs.cells.iter().chain(&self.outputs.cells).for_each(|cell| cell.set(0));
        self.output_ticked.iter().for_each(|flag| flag.set(0));
    }

    /// From the first states on, calls EXECUTE for each row of input cells; gives after each call the first output and whether
    /// it ticked, and at last the states.
    ///
    /// # Safety
    ///
    /// As [`Host::call`], for a node with at least one input and one output.
    pub(crate) unsafe fn outcomes(&self, function: NodeFunction, rows: &[u64]) -> (Vec<(u64, bool)>, Vec<u64>) {
        self.reset();
        let outcomes = rows.chunks_exact(self.inputs.cells.len()).map(|row| {
            for (cell, value) in self.inputs.cells.iter().zip(row) {
                cell.set(*value);
            }
            self.output_ticked.iter().for_each(|flag| flag.set(0));
            // SAFETY: the caller's promise.
            unsafe { self.call(function, EXECUTE) };
            self.first_output()
        });
        (outcomes.collect(), self.states.cells.iter().map(Cell::get).collect())
    }

    /// The cell of the first output, and whether it ticked in the last call.
    pub(crate) fn first_output(&self) -> (u64, bool) {
        (self.outputs.cells[0].get(), self.output_ticked[0].get() != 0)
    }
}

/// Nanoseconds since `begin`, for each of so many.
fn nanoseconds(begin: Instant, count: usize) -> f64 {
    begin.elapsed().as_nanos() as f64 / count as f64
}

/// What a cell holds for a value.
fn bits(value: &Value) -> Result<u64> {
    Ok(match value {
        Value::Boolean(value) => u64::from(*value),
        Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => value.cast_unsigned(),
        Value::Float(value) => value.to_bits(),
        _ => bail!("a state of {}", value.kind()),
    })
}

/// The code of a result as a function.
pub(crate) fn function(address: *const u8) -> NodeFunction {
    // SAFETY: the address is code; whoever calls it vouches for the signature and that the code is still there.
    unsafe { std::mem::transmute::<*const u8, NodeFunction>(address) }
}

//! The function pointer, as a host of C calls it: with arrays of its own.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use cfunc_compiler::{AbiConfig, Backend, CompilationContext, backends_at_all_levels, compile, defaults};

use crate::common::{EMA, compiled, request};

/// The engines that make machine code, at every level.
fn native_engines() -> impl Iterator<Item = Arc<dyn Backend>> {
    backends_at_all_levels().into_iter().filter(|engine| engine.name() != "interpreter")
}

type Node = unsafe extern "C" fn(
    outputs: *const *mut c_void,
    output_ticked: *mut i8,
    state: *const *mut c_void,
    phase: i8,
    inputs: *const *mut c_void,
    input_ticked: *const i8,
    input_valid: *const i8,
);

#[test]
fn an_average_runs_in_the_hosts_arrays() {
    for engine in native_engines() {
        let result = compiled(&request(EMA).constant("alpha", 0.5).backend(Arc::clone(&engine)));
        let pointer = result.function_pointer().expect("there is native code");
        // SAFETY: this is the signature of a node with signals, and the result outlives the calls.
        let node = unsafe { std::mem::transmute::<*const u8, Node>(pointer) };
        let (mut input, mut output, mut average) = (4.0f64, -1.0f64, 2.0f64);
        let inputs = [(&raw mut input).cast::<c_void>()];
        let outputs = [(&raw mut output).cast::<c_void>()];
        let state = [(&raw mut average).cast::<c_void>()];
        let (mut output_ticked, input_ticked, input_valid) = ([0i8], [1i8], [1i8]);
        let mut call = |phase: i8| {
            let (ticked, flags, valid) = (output_ticked.as_mut_ptr(), input_ticked.as_ptr(), input_valid.as_ptr());
            // SAFETY: the arrays hold a cell for each variable, and live across the call.
            unsafe { node(outputs.as_ptr(), ticked, state.as_ptr(), phase, inputs.as_ptr(), flags, valid) };
            std::mem::take(&mut output_ticked[0])
        };
        assert_eq!(call(1), 0);
        assert_eq!(call(0), 1);
        // SAFETY: the cells are alive; raw reads, since the arrays above point at them too.
        let read = |cell: *const c_void| unsafe { cell.cast::<f64>().read() };
        assert_eq!(read(outputs[0]), 3.0);
        assert_eq!(read(state[0]), 3.0);
        assert_eq!(call(7), 0, "an unknown phase does nothing");
        assert_eq!(read(state[0]), 3.0);
        assert_eq!(call(2), 0);
    }
}

#[test]
fn what_a_phase_does_not_use_may_be_null() {
    for engine in native_engines() {
        let result = compiled(&request(EMA).constant("alpha", 0.5).backend(Arc::clone(&engine)));
        let pointer = result.function_pointer().expect("there is native code");
        // SAFETY: as above.
        let node = unsafe { std::mem::transmute::<*const u8, Node>(pointer) };
        let mut average = 2.0f64;
        let state = [(&raw mut average).cast::<c_void>()];
        for phase in [1, 2] {
            let (none, ticked, flags) = (ptr::null(), ptr::null_mut(), ptr::null());
            // SAFETY: START and STOP of a node without containers touch no input and no output.
            unsafe { node(none, ticked, state.as_ptr(), phase, none, flags, flags) };
        }
        assert_eq!(average, 2.0);
    }
}

/// A cell in the middle of bytes that nobody may touch.
#[repr(align(16))]
struct Guarded([u8; 48]);

impl Guarded {
    const UNTOUCHED: u8 = 0xee;

    fn new(cell: &[u8]) -> Self {
        let mut all = [Self::UNTOUCHED; 48];
        all[16..16 + cell.len()].copy_from_slice(cell);
        Self(all)
    }

    fn cell(&mut self) -> *mut c_void {
        self.0[16..].as_mut_ptr().cast()
    }
}

#[test]
fn sets_have_no_byte_beyond_their_width() {
    for engine in native_engines() {
        for width in (8..=128u32).step_by(8) {
            let text = format!(
                "
from enum import Enum

class Flag(Enum):
    A = 0
    LAST = {}

def f(flags: Signal[EnumSet[Flag]]) -> Signal[EnumSet[Flag]]:
    seen: State[EnumSet[Flag]] = EnumSet(Flag)
    before = seen
    seen |= flags
    return (before | EnumSet(Flag.LAST)) ^ EnumSet(Flag.A)
",
                width - 1
            );
            let abi = AbiConfig { enumset_width: width, ..AbiConfig::default() };
            let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).abi(abi);
            let context = builder.build().expect("the width is there");
            let result = compile(&context, &request(&text).backend(Arc::clone(&engine)))
                .unwrap_or_else(|error| panic!("{error}"));
            let pointer = result.function_pointer().expect("there is native code");
            // SAFETY: as above.
            let node = unsafe { std::mem::transmute::<*const u8, Node>(pointer) };
            let bytes = width as usize / 8;
            let full = vec![0xff; bytes];
            let mut expected = vec![0; bytes];
            expected[bytes - 1] = 0x80;
            expected[0] ^= 1;
            let (mut input, mut output) = (Guarded::new(&full), Guarded::new(&vec![0x55; bytes]));
            let mut state = Guarded::new(&vec![0; bytes]);
            let (inputs, outputs, states) = ([input.cell()], [output.cell()], [state.cell()]);
            let (mut ticked, flags) = ([0i8], [1i8]);
            // SAFETY: the arrays hold a cell for each variable, and live across the call.
            unsafe {
                node(
                    outputs.as_ptr(),
                    ticked.as_mut_ptr(),
                    states.as_ptr(),
                    0,
                    inputs.as_ptr(),
                    flags.as_ptr(),
                    flags.as_ptr(),
                );
            }
            assert_eq!(ticked, [1], "{width}");
            assert_eq!(output.0, Guarded::new(&expected).0, "{width}");
            assert_eq!(state.0, Guarded::new(&full).0, "{width}");
            assert_eq!(input.0, Guarded::new(&full).0, "{width}");
        }
    }
}

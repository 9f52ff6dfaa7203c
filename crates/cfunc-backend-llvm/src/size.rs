//! What LLVM's best code generator takes too long for.

use cfunc_models::{CompilationOptions, OptimizationLevel};
use inkwell::basic_block::BasicBlock;
use inkwell::module::Module;
use inkwell::values::InstructionOpcode;

/// From how many loads, stores and calls in one block on code is generated quickly. The better generator compares each with
/// each, up to some distance: its time grows by the square at first, and is two seconds for 2,000.
const QUICK_FROM_IN_BLOCK: usize = 2_000;

/// From how many instructions in one function on code is generated quickly: the better generator takes about 2.5 seconds for
/// so many, in blocks of a few each.
const QUICK_FROM_IN_FUNCTION: usize = 25_000;

/// The options for generating code of a module of one unit, whose passes have run: those of the unit, or quicker ones.
pub(crate) fn for_code(module: &Module<'_>, options: &CompilationOptions) -> Option<CompilationOptions> {
    let is_speed = options.optimization_level == OptimizationLevel::Speed;
    let quick = || CompilationOptions { optimization_level: OptimizationLevel::Quick, ..options.clone() };
    (is_speed && is_large(module)).then(quick)
}

fn is_large(module: &Module<'_>) -> bool {
    module.get_functions().any(|function| {
        let mut count = 0;
        function.get_basic_block_iter().any(|block| {
            let (all, of_memory) = counts(block);
            count += all;
            of_memory >= QUICK_FROM_IN_BLOCK || count >= QUICK_FROM_IN_FUNCTION
        })
    })
}

/// The instructions of a block, and those of them that may read or write memory.
fn counts(block: BasicBlock<'_>) -> (usize, usize) {
    let (mut all, mut of_memory) = (0, 0);
    for instruction in block.get_instructions() {
        all += 1;
        let opcode = instruction.get_opcode();
        let is_of_memory =
            matches!(opcode, InstructionOpcode::Load | InstructionOpcode::Store | InstructionOpcode::Call);
        of_memory += usize::from(is_of_memory);
    }
    (all, of_memory)
}

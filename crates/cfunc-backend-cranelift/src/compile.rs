//! From a module to a unit of code, or to text.

use std::cell::Cell;
use std::fmt::Write;
use std::sync::Arc;

use cfunc_backend::{BackendError, CodeText, SymbolTable, is_function_signature, is_node_signature};
use cfunc_ir::{External, Function, Module};
use cfunc_models::CompilationOptions;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::UserFuncName;
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::{CodegenError, Context};

use crate::backend::{CraneliftBackend, internal};
use crate::frames;
use crate::image::{Image, Symbol, expose};
use crate::isa::{TargetKind, Targets};
use crate::memory::WritableMemory;
use crate::preserving::Thunks;
use crate::trampoline;
use crate::translate::{Tables, Wanted, translate};
use crate::unit::{Calling, CompiledUnit};

/// Beyond this many bytes of image, scratch memory is freed instead of kept: one huge function should not hold memory
/// in every thread that ever compiled one.
const LARGEST_SCRATCH: usize = 1 << 18;

/// What a compilation needs and the next one can use again.
struct Scratch {
    context: Context,
    tables: Tables,
    image: Image,
}

impl Scratch {
    fn new() -> Box<Self> {
        Box::new(Self { context: Context::new(), tables: Tables::default(), image: Image::default() })
    }
}

thread_local! {
    /// Scratch of this thread; empty while it is in use.
    static SCRATCH: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Runs `work` with this thread's scratch. On an error or a panic the scratch is dropped.
fn with_scratch<T>(work: impl FnOnce(&mut Scratch) -> Result<T, BackendError>) -> Result<T, BackendError> {
    // A thread that is ending has no scratch any more, and gets a new one each time.
    let mut scratch = SCRATCH.try_with(Cell::take).ok().flatten().unwrap_or_else(Scratch::new);
    let result = work(&mut scratch)?;
    if scratch.image.capacity() <= LARGEST_SCRATCH {
        scratch.image.clear();
        let _ended = SCRATCH.try_with(|place| place.set(Some(scratch)));
    }
    Ok(result)
}

/// Compiles and links a module.
pub(crate) fn compile_module(
    targets: &Targets,
    thunks: &Arc<Thunks>,
    module: &Module,
    symbols: &SymbolTable,
    options: &CompilationOptions,
) -> Result<CompiledUnit, BackendError> {
    let externals = resolve(module, symbols)?;
    let entry = module.entry.ok_or_else(|| internal("the module has no entry"))?;
    with_scratch(|scratch| {
        let Scratch { context, tables, image } = scratch;
        image.clear();
        image.add_data(module, symbols)?;
        for (id, function) in module.functions.iter().enumerate() {
            if id != entry.index() && function.is_unreachable() {
                image.add_unreachable()?;
                continue;
            }
            let kind = TargetKind::new(options, instructions(function));
            let mut target = targets.get(kind)?;
            let wanted = Wanted::new(kind, target);
            start(context);
            translate(&mut context.func, tables, module, function, wanted)?;
            let mut result = generate(context, target);
            if let Err(CodegenError::Unsupported(_)) = result {
                // The optimiser knows rewrites into operations that the host's code generator lacks; what it gets
                // unoptimised it can always do.
                target = targets.get(kind.unoptimized())?;
                start(context);
                translate(&mut context.func, tables, module, function, wanted)?;
                result = generate(context, target);
            }
            result.map_err(internal)?;
            append(context, image)?;
        }
        let entry_offset = image.function(entry.index())?;
        let signature = &module.function(entry).signature;
        let is_function = is_function_signature(signature);
        let trampoline_offset = if is_function || is_node_signature(signature) {
            None
        } else {
            let target = targets.get(TargetKind::new(options, 0))?;
            start(context);
            let index = u32::try_from(entry.index()).map_err(internal)?;
            let convention = target.default_call_conv();
            trampoline::build(&mut context.func, index, signature, convention);
            generate(context, target).map_err(internal)?;
            append(context, image)?;
            Some(image.function(module.functions.len())?)
        };
        let memory = WritableMemory::allocate(image.bytes().len())?;
        let mut calls_thunks = false;
        image.link(memory.address(), &externals, |index| {
            calls_thunks = true;
            let function = module.externals.get(index as usize).and_then(|external| external.runtime);
            let function = function.ok_or_else(|| internal("a thunk of a function that is not of the runtime"))?;
            thunks.address(targets.get(TargetKind::new(options, 0))?, function)
        })?;
        let memory = memory.publish(image.bytes())?;
        let at = |offset| memory.at(offset).ok_or_else(|| internal("an address outside of the code"));
        let entry = at(entry_offset)?;
        let calling = match trampoline_offset {
            None if is_function => Calling::Function,
            None => Calling::Node,
            Some(offset) => Calling::Trampoline(at(offset)?),
        };
        let size = image.bytes().len();
        let thunks = calls_thunks.then(|| Arc::clone(thunks));
        Ok(CompiledUnit::new(memory, thunks, entry, calling, size))
    })
}

/// The optimised CLIF, or the machine code as text, of every function. Symbols are not resolved.
pub(crate) fn print_module(
    targets: &Targets,
    module: &Module,
    options: &CompilationOptions,
    text_kind: CodeText,
) -> Result<String, BackendError> {
    with_scratch(|scratch| {
        let Scratch { context, tables, .. } = scratch;
        let mut text = legend(module);
        for (index, function) in module.functions.iter().enumerate() {
            let kind = TargetKind::new(options, instructions(function));
            let target = targets.get(kind)?;
            start(context);
            let name = Symbol::Function(u32::try_from(index).map_err(internal)?).name();
            context.func.name = UserFuncName::User(name);
            translate(&mut context.func, tables, module, function, Wanted::new(kind, target))?;
            writeln!(text, "\n; {}", function.name).map_err(internal)?;
            match text_kind {
                CodeText::Intermediate => {
                    context.optimize(target, &mut ControlPlane::default()).map_err(internal)?;
                    write!(text, "{}", context.func.display()).map_err(internal)?;
                }
                CodeText::Assembly => {
                    context.set_disasm(true);
                    generate(context, target).map_err(internal)?;
                    let code = context.compiled_code();
                    let Some((code, assembly)) = code.and_then(|code| Some((code, code.vcode.as_ref()?))) else {
                        return Err(BackendError::NoSuchText { backend: CraneliftBackend::NAME, kind: "assembly" });
                    };
                    text.push_str(&frames::shorten_text(assembly, code, &context.func));
                }
            }
        }
        Ok(text)
    })
}

/// What the names `u0:n`, `u1:n` and `u2:n` of the text stand for; `u4:n` is the thunk of `u1:n`.
fn legend(module: &Module) -> String {
    let mut text = String::new();
    let functions = module.functions.iter().map(|function| function.name.as_str());
    let externals = module.externals.iter().map(|external| external.symbol.as_str());
    let data = module.data.iter().map(|object| object.name.as_str());
    for (index, name) in functions.enumerate() {
        let _infallible = writeln!(text, "; u0:{index} = function {name}");
    }
    for (index, name) in externals.enumerate() {
        let _infallible = writeln!(text, "; u1:{index} = external {name}");
    }
    for (index, name) in data.enumerate() {
        let _infallible = writeln!(text, "; u2:{index} = data {name}");
    }
    text
}

/// The addresses of all external functions of the module, in order.
fn resolve(module: &Module, symbols: &SymbolTable) -> Result<Vec<u64>, BackendError> {
    let address = |external: &External| match symbols.address(external) {
        Some(address) => Ok(expose(address)),
        None => Err(BackendError::UndefinedSymbol { symbol: external.symbol.clone() }),
    };
    module.externals.iter().map(address).collect()
}

/// How many instructions the blocks of a function have; its table may hold more that are dead.
fn instructions(function: &Function) -> usize {
    function.layout.iter().map(|block| function.block(*block).instructions.len()).sum()
}

fn start(context: &mut Context) {
    context.clear();
    context.func.name = UserFuncName::default();
}

/// Makes machine code of the context's function.
fn generate(context: &mut Context, target: &dyn TargetIsa) -> Result<(), CodegenError> {
    match context.compile(target, &mut ControlPlane::default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.inner),
    }
}

/// Appends the machine code of the context's function to the image.
fn append(context: &Context, image: &mut Image) -> Result<(), BackendError> {
    let code = context.compiled_code().ok_or_else(|| internal("no code was made"))?;
    image.add_function(code, &context.func)
}

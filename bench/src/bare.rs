//! The floors: what parser and code generator take on their own, as a straightforward user would call them.

use std::collections::HashMap;

use anyhow::{Context as _, Result, anyhow};
use cfunc_compiler::{Effects, SymbolTable};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    AbiParam, ExternalName, Function, InstBuilder, MemFlagsData, Signature, UserExternalName, types,
};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{DataDescription, FuncId, Linkage, Module, default_libcall_names};
use cranelift_reader::parse_functions;
use rustpython_parser::{Parse, ast};

/// Zeroed bytes that stand in for an object of data: code only takes its address.
const DATA_BYTES: usize = 256;

/// The bare parser on a source text.
pub(crate) fn parse(text: &str) -> Result<ast::Suite> {
    ast::Suite::parse(text, "").map_err(|error| anyhow!("the parser: {error}"))
}

/// Code made by the bare code generator; freed on drop.
pub(crate) struct BareCode {
    module: Option<JITModule>,
    address: *const u8,
}

impl BareCode {
    /// The address of its function.
    pub(crate) fn address(&self) -> *const u8 {
        self.address
    }
}

impl Drop for BareCode {
    fn drop(&mut self) {
        if let Some(module) = self.module.take() {
            // SAFETY: the address is borrowed from this value, so nobody calls the code any more.
            unsafe { module.free_memory() };
        }
    }
}

fn builder() -> Result<JITBuilder> {
    let flags = [("opt_level", "speed"), ("enable_verifier", "false")];
    Ok(JITBuilder::with_flags(&flags, default_libcall_names())?)
}

/// A new target and module, the moving average written by hand, code.
pub(crate) fn compile_ema(alpha: f64) -> Result<BareCode> {
    let mut module = JITModule::new(builder()?);
    let mut context = module.make_context();
    let pointer = module.target_config().pointer_type();
    for representation in [pointer, pointer, pointer, types::I8, pointer, pointer, pointer] {
        context.func.signature.params.push(AbiParam::new(representation));
    }
    let mut scratch = FunctionBuilderContext::new();
    let mut builder = FunctionBuilder::new(&mut context.func, &mut scratch);
    build_ema(&mut builder, alpha);
    builder.finalize(module.target_config());
    let function = module.declare_function("ema", Linkage::Export, &context.func.signature)?;
    module.define_function(function, &mut context)?;
    finish(module, function)
}

/// On EXECUTE: `state = alpha * input + (1 - alpha) * state`, which is also the output. Other phases do nothing.
fn build_ema(builder: &mut FunctionBuilder<'_>, alpha: f64) {
    let (entry, execute, done) = (builder.create_block(), builder.create_block(), builder.create_block());
    builder.append_block_params_for_function_params(entry);
    builder.switch_to_block(entry);
    builder.seal_block(entry);
    let &[outputs, output_ticked, states, phase, inputs, _, _] = builder.block_params(entry) else {
        unreachable!("the signature has seven parameters")
    };
    let other_phase = builder.ins().icmp_imm_s(IntCC::NotEqual, phase, 0);
    builder.ins().brif(other_phase, done, &[], execute, &[]);
    builder.switch_to_block(execute);
    builder.seal_block(execute);
    let flags = MemFlagsData::trusted();
    let input = builder.ins().load(types::I64, flags, inputs, 0);
    let input = builder.ins().load(types::F64, flags, input, 0);
    let state = builder.ins().load(types::I64, flags, states, 0);
    let before = builder.ins().load(types::F64, flags, state, 0);
    let alpha = builder.ins().f64const(alpha);
    let one = builder.ins().f64const(1.0);
    let rest = builder.ins().fsub(one, alpha);
    let new = builder.ins().fmul(alpha, input);
    let old = builder.ins().fmul(rest, before);
    let next = builder.ins().fadd(new, old);
    builder.ins().store(flags, next, state, 0);
    let output = builder.ins().load(types::I64, flags, outputs, 0);
    builder.ins().store(flags, next, output, 0);
    let ticked = builder.ins().iconst(types::I8, 1);
    builder.ins().store(flags, ticked, output_ticked, 0);
    builder.ins().jump(done, &[]);
    builder.switch_to_block(done);
    builder.seal_block(done);
    builder.ins().return_(&[]);
}

fn finish(mut module: JITModule, function: FuncId) -> Result<BareCode> {
    module.finalize_definitions()?;
    let address = module.get_finalized_function(function);
    Ok(BareCode { module: Some(module), address })
}

/// The CLIF of a compiled unit before optimisation, ready to be compiled by the bare code generator.
pub(crate) struct BareUnit {
    functions: Vec<Function>,
    externals: Vec<(String, Signature, usize)>,
    data: usize,
}

impl BareUnit {
    /// Reads the text of the `clif` dump of a result that was compiled without optimisation. Names of the text are
    /// changed into those that a module of the bare code generator gives.
    ///
    /// # Errors
    ///
    /// The text cannot be read, or calls what the table does not have.
    pub(crate) fn read(text: &str, symbols: &SymbolTable) -> Result<Self> {
        let names = |kind: &str| -> Vec<&str> {
            let mark = format!(" = {kind} ");
            text.lines()
                .filter(|line| line.starts_with("; u"))
                .filter_map(|line| Some(line.split_once(&mark)?.1))
                .collect()
        };
        let (external_names, data) = (names("external"), names("data").len());
        let mut functions = parse_functions(text).context("reading CLIF")?;
        let mut signatures = HashMap::new();
        let first_external = u32::try_from(functions.len())?;
        for function in &mut functions {
            let used: Vec<_> =
                function.params.user_named_funcs().iter().map(|(key, name)| (key, name.clone())).collect();
            for (key, name) in used {
                let renamed = match name.namespace {
                    0 => continue,
                    1 => UserExternalName::new(0, first_external + name.index),
                    _ => UserExternalName::new(1, name.index),
                };
                if name.namespace == 1 {
                    let callee = function.dfg.ext_funcs.values().find(|data| data.name == ExternalName::user(key));
                    if let Some(callee) = callee {
                        signatures.insert(name.index, function.dfg.signatures[callee.signature].clone());
                    }
                }
                function.params.reset_user_func_name(key, renamed);
            }
        }
        let mut externals = Vec::new();
        let mut named = cfunc_compiler::ir::Module::new();
        for (index, name) in external_names.into_iter().enumerate() {
            let signature = signatures.remove(&u32::try_from(index)?);
            let signature = signature.unwrap_or_else(|| Signature::new(functions[0].signature.call_conv));
            // The text holds symbols alone; where one is does not depend on what it takes.
            let external = named.declare_external(name, cfunc_compiler::ir::Signature::default(), Effects::Writes);
            let address = symbols.address(named.external(external)).with_context(|| format!("no symbol {name}"))?;
            externals.push((name.to_owned(), signature, address.expose_provenance()));
        }
        anyhow::ensure!(!functions.is_empty(), "no function in the text");
        Ok(Self { functions, externals, data })
    }

    /// A new target and module, copies of the functions, code.
    ///
    /// # Errors
    ///
    /// The code generator fails.
    pub(crate) fn compile(&self) -> Result<BareCode> {
        let mut builder = builder()?;
        for (name, _, address) in &self.externals {
            builder.symbol(name.as_str(), std::ptr::with_exposed_provenance(*address));
        }
        let mut module = JITModule::new(builder);
        let mut declared = Vec::with_capacity(self.functions.len());
        for (index, function) in self.functions.iter().enumerate() {
            let name = format!("function{index}");
            declared.push(module.declare_function(&name, Linkage::Export, &function.signature)?);
        }
        for (name, signature, _) in &self.externals {
            module.declare_function(name, Linkage::Import, signature)?;
        }
        for index in 0..self.data {
            let object = module.declare_data(&format!("data{index}"), Linkage::Local, true, false)?;
            let mut description = DataDescription::new();
            description.define_zeroinit(DATA_BYTES);
            module.define_data(object, &description)?;
        }
        let mut context = module.make_context();
        for (function, id) in self.functions.iter().zip(&declared) {
            context.func.clone_from(function);
            module.define_function(*id, &mut context)?;
            module.clear_context(&mut context);
        }
        finish(module, declared[0])
    }
}

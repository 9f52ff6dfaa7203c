//! From a typed function to a compiled unit: what nodes and plain functions have in common.

use std::sync::{Arc, OnceLock};

use cfunc_context::ModuleScope;
use cfunc_infer::TypedFunction;
use cfunc_ir::{Pipeline, verify};
use cfunc_lower::{Lowered, blame, lower};
use cfunc_models::{CompilationOptions, Diagnostics, InputModel, TypeTable};

use crate::compile::stage;
use crate::findings::{Findings, MOST_DIAGNOSTICS};
use crate::foreign_symbols::symbols_of;
use crate::key::{KeyParts, digits, semantic_hash};
use crate::unit::{Unit, inputs};
use crate::{CompileError, CompileRequest, Metadata, Observer, default_backend};

/// What the stages before lowering gave.
pub(crate) struct Front<'a> {
    pub(crate) scope: &'a ModuleScope<'a>,
    pub(crate) types: TypeTable,
    pub(crate) typed: TypedFunction,
    pub(crate) transformed: String,
    pub(crate) metadata: Metadata,
}

/// The passes of the options.
pub(crate) fn pipeline(options: &CompilationOptions) -> Pipeline {
    Pipeline::of(options.passes)
        .limit(options.pass_limit.unwrap_or(u64::MAX))
        .verify(options.verify || cfg!(debug_assertions))
}

/// The stages from lowering on.
pub(crate) fn build(
    request: &CompileRequest,
    front: Front<'_>,
    depth: usize,
    found: &mut Findings<'_>,
    observer: &mut dyn Observer,
) -> Result<Arc<Unit>, CompileError> {
    let CompileRequest { source, options, .. } = request;
    let Front { scope, types, typed, transformed, metadata } = front;
    let context = scope.context();
    let Lowered { mut module, uses: lowered } =
        found.of(stage!(observer, "lower", lower(context, &types, options, &typed)))?;
    if (options.verify || cfg!(debug_assertions))
        && let Err(errors) = verify(&module)
    {
        let blamed = blame(context, &types, options, &typed, &errors);
        found.all_of(blamed.map(Diagnostics::from).unwrap_or_default())?;
        return Err(CompileError::Internal(errors.to_string()));
    }
    let symbols = match symbols_of(context, request, &module, &lowered, typed.function.span) {
        Ok(symbols) => symbols,
        Err(missing) => {
            found.all_of(missing)?;
            return Err(CompileError::Internal("symbols are missing without an error".to_owned()));
        }
    };
    let hash = stage!(observer, "key", {
        let parts = KeyParts {
            context,
            types: &types,
            options,
            function: &typed.function,
            variables: &typed.variables,
            call: typed.call.as_ref(),
            transformed: &transformed,
            module: &module,
        };
        semantic_hash(&parts)
    });
    let semantic_key = digits(&hash);
    let native_name = format!("{}{semantic_key}", context.abi().symbol_prefix);
    module.name_unit(&native_name);
    stage!(observer, "passes", pipeline(options).run(&mut module))
        .map_err(|error| CompileError::Internal(error.to_string()))?;
    let backend = request.backend.clone().map_or_else(default_backend, Ok)?;
    let code = stage!(observer, "backend", backend.compile(&module, &symbols, options))?;

    let input_models = inputs(context.layout().parameters(), &typed)
        .map(|(_, _, variable)| InputModel { name: Arc::clone(&variable.name), ty: variable.ty })
        .collect();
    let output_types = typed.function.outputs.iter().map(|output| output.ty).collect();
    let mut warnings = std::mem::take(&mut found.diagnostics);
    warnings.sort();
    warnings.limit(MOST_DIAGNOSTICS);
    Ok(Arc::new(Unit {
        context: context.clone(),
        source: source.clone(),
        depth,
        types,
        options: options.clone(),
        transformed,
        typed,
        declared: scope.take_uses(),
        lowered,
        module,
        hash,
        semantic_key,
        native_name,
        backend,
        code,
        metadata,
        warnings,
        inputs: input_models,
        output_types,
        symbols,
        snapshot_plan: OnceLock::new(),
    }))
}

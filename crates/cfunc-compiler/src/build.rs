//! From a typed function to a compiled unit: what nodes and plain functions have in common.

use std::sync::{Arc, OnceLock};

use cfunc_backend::SymbolTable;
use cfunc_context::{CompilationContext, ModuleScope};
use cfunc_infer::TypedFunction;
use cfunc_ir::{Pipeline, verify};
use cfunc_lower::{Lowered, blame, lower};
use cfunc_models::{CompilationOptions, Diagnostics, InputModel, TypeTable};

use crate::compile::stage;
use crate::findings::{Findings, MOST_DIAGNOSTICS};
use crate::foreign_symbols::symbols_of;
use crate::key::{KeyParts, digits, semantic_hash};
use crate::reuse::order::Order;
use crate::reuse::products::Products;
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

/// What the stages before the backend gave.
pub(crate) struct Made {
    /// How deeply the source nests.
    pub(crate) depth: usize,
    pub(crate) types: TypeTable,
    pub(crate) products: Products,
    pub(crate) symbols: Arc<SymbolTable>,
    pub(crate) hash: [u8; 32],
    pub(crate) native_name: String,
    pub(crate) metadata: Metadata,
}

/// The passes of the options.
pub(crate) fn pipeline(options: &CompilationOptions) -> Pipeline {
    Pipeline::of(options.passes)
        .limit(options.pass_limit.unwrap_or(u64::MAX))
        .verify(options.verify || cfg!(debug_assertions))
}

/// The stages from lowering on, up to what the backend gets.
pub(crate) fn make(
    request: &CompileRequest,
    front: Front<'_>,
    depth: usize,
    found: &mut Findings<'_>,
    observer: &mut dyn Observer,
) -> Result<Made, CompileError> {
    let options = &request.options;
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
    let native_name = format!("{}{}", context.abi().symbol_prefix, digits(&hash));
    module.name_unit(&native_name);
    stage!(observer, "passes", pipeline(options).run(&mut module))
        .map_err(|error| CompileError::Internal(error.to_string()))?;
    let products = Products { transformed, typed, declared: scope.take_uses(), lowered, module };
    Ok(Made { depth, types, products, symbols, hash, native_name, metadata })
}

/// The last stage, and what is left of all of them.
pub(crate) fn build(
    (context, request): (&CompilationContext, &CompileRequest),
    order: Arc<Order>,
    made: Made,
    found: &mut Findings<'_>,
    observer: &mut dyn Observer,
) -> Result<Arc<Unit>, CompileError> {
    let Made { depth, types, products, symbols, hash, native_name, metadata } = made;
    let backend = request.backend.clone().map_or_else(default_backend, Ok)?;
    let code = stage!(observer, "backend", backend.compile(&products.module, &symbols, &request.options))?;

    let (places, inputs) = inputs(context.layout().parameters(), &products.typed)
        .map(|(parameter, index, variable)| {
            ((parameter, index), InputModel { name: Arc::clone(&variable.name), ty: variable.ty })
        })
        .unzip();
    let mut warnings = std::mem::take(&mut found.diagnostics);
    warnings.sort();
    warnings.limit(MOST_DIAGNOSTICS);
    let site_spans = products.module.sites.iter().map(|site| site.span).collect();
    let output_types = products.typed.function.outputs.iter().map(|output| output.ty).collect();
    let kept = OnceLock::new();
    // What cannot be made again is kept, and what was asked for.
    let (function, call) = if request.keep_stages || !order.is_repeatable {
        let (function, call) = (products.typed.function.clone(), products.typed.call.clone());
        kept.get_or_init(|| Box::new(products));
        (function, call)
    } else {
        (products.typed.function, products.typed.call)
    };
    Ok(Arc::new(Unit {
        context: context.clone(),
        order,
        depth,
        types,
        function,
        call: call.map(Arc::new),
        site_spans,
        products: kept,
        hash,
        native_name: native_name.into(),
        backend,
        code,
        metadata,
        warnings,
        inputs,
        places,
        output_types,
        symbols,
        snapshot_plan: OnceLock::new(),
        fingerprint: OnceLock::new(),
    }))
}

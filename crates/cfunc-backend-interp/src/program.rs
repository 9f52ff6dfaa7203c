//! A module that is ready to run: data in memory, externals resolved.

use cfunc_backend::{BackendError, SymbolTable};
use cfunc_ir::{External, Module, RelocationTarget, verify};
use cfunc_models::RuntimeFunction;

use crate::foreign::{ForeignFunction, MAXIMUM_STACK_WORDS};
use crate::memory::Buffer;

/// The name of the backend.
pub(crate) const NAME: &str = "interpreter";

/// Where an external is.
#[derive(Clone, Debug)]
pub(crate) enum ExternalTarget {
    Runtime(RuntimeFunction),
    Foreign(Box<ForeignFunction>),
}

/// A module, its data in memory, its externals resolved.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) module: Module,
    pub(crate) data: Vec<Buffer>,
    pub(crate) externals: Vec<ExternalTarget>,
}

impl Program {
    pub(crate) fn new(module: &Module, symbols: &SymbolTable, verified: bool) -> Result<Self, BackendError> {
        if verified {
            verify(module).map_err(|errors| internal(errors.to_string()))?;
        }
        let externals = module.externals.iter().map(|external| resolve(external, symbols)).collect::<Result<_, _>>()?;
        Ok(Self { module: module.clone(), data: load_data(module, symbols)?, externals })
    }
}

pub(crate) fn internal(message: String) -> BackendError {
    BackendError::Internal { backend: NAME, message }
}

fn unsupported(feature: String) -> BackendError {
    BackendError::Unsupported { backend: NAME, feature }
}

fn resolve(external: &External, symbols: &SymbolTable) -> Result<ExternalTarget, BackendError> {
    let symbol = &external.symbol;
    let signature = &external.signature;
    if let Some(function) = external.runtime {
        let description = function.description();
        if signature.parameters.as_slice() != description.parameters
            || signature.results.as_slice() != description.result.as_slice()
        {
            return Err(internal(format!("`{symbol}` is declared as {signature}")));
        }
        return Ok(ExternalTarget::Runtime(function));
    }
    let Some(address) = symbols.address(external) else {
        return Err(BackendError::UndefinedSymbol { symbol: symbol.clone() });
    };
    match ForeignFunction::new(address, signature) {
        Some(function) => Ok(ExternalTarget::Foreign(Box::new(function))),
        None => Err(unsupported(format!(
            "foreign functions with more than {MAXIMUM_STACK_WORDS} words of arguments beyond those in registers, or with \
             other results than one value or two integers, as `{symbol}` is"
        ))),
    }
}

fn load_data(module: &Module, symbols: &SymbolTable) -> Result<Vec<Buffer>, BackendError> {
    let mut buffers: Vec<Buffer> = module.data.iter().map(|object| Buffer::new(&object.contents)).collect();
    let addresses: Vec<u64> = buffers.iter().map(Buffer::address).collect();
    for (buffer, object) in buffers.iter_mut().zip(&module.data) {
        for relocation in &object.relocations {
            match &relocation.target {
                RelocationTarget::Object(symbol) => {
                    let address = symbols.object(symbol);
                    let address = address.ok_or_else(|| BackendError::UndefinedSymbol { symbol: symbol.clone() })?;
                    // Loaded as a word, and made a pointer of again.
                    let word = (address.expose_provenance() as u64).wrapping_add_signed(relocation.addend);
                    buffer.put_word(relocation.offset as usize, word);
                }
                RelocationTarget::Data(data) => {
                    let address = addresses[data.index()].wrapping_add_signed(relocation.addend);
                    buffer.put_word(relocation.offset as usize, address);
                }
                RelocationTarget::Function(_) => {
                    return Err(unsupported(format!("addresses of functions in data, as {:?} holds", object.name)));
                }
            }
        }
    }
    Ok(buffers)
}

//! The native functions of containers, for whatever makes and reads them outside of compiled code: snapshots of states,
//! arguments and results of calls with dynamic values.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_backend::SymbolTable;
use cfunc_context::{ContainerCalls, ItemsForm, NativeFunction, NativeMemory, Registry};
use cfunc_models::{DataModel, NodeErrorKind, Representation, RuntimeFunction, Type, TypeTable};
use cfunc_runtime::invoke;

/// A native function of integers and pointers that gives one, or nothing.
#[derive(Clone, Copy, Debug)]
enum Function {
    Runtime(RuntimeFunction),
    Host(HostFunction),
}

/// The address of a function of the host's.
#[derive(Clone, Copy, Debug)]
struct HostFunction(*const u8);

// SAFETY: who registered the function vouches for every thread that runs the code it belongs to.
unsafe impl Send for HostFunction {}
// SAFETY: as above.
unsafe impl Sync for HostFunction {}

impl Function {
    fn resolve(function: &NativeFunction, symbols: &SymbolTable) -> Result<Self, String> {
        match function {
            NativeFunction::Runtime(function) => Ok(Self::Runtime(*function)),
            NativeFunction::Symbol(symbol) => {
                let address = symbols.lookup(symbol);
                let address = address.ok_or_else(|| format!("the host has not registered the function `{symbol}`"))?;
                Ok(Self::Host(HostFunction(address)))
            }
        }
    }

    /// Calls it. What comes back of a function that gives less than 64 bits has anything above them.
    ///
    /// # Safety
    ///
    /// The function is of the signature that the arguments are for, and pointers among them are what it expects.
    unsafe fn call(self, arguments: &[u64]) -> u64 {
        let address = match self {
            // SAFETY: the caller's promise.
            Self::Runtime(function) => return unsafe { invoke(function, arguments) },
            Self::Host(HostFunction(address)) => address,
        };
        type F0 = unsafe extern "C" fn() -> u64;
        type F1 = unsafe extern "C" fn(u64) -> u64;
        type F2 = unsafe extern "C" fn(u64, u64) -> u64;
        type F3 = unsafe extern "C" fn(u64, u64, u64) -> u64;
        type F4 = unsafe extern "C" fn(u64, u64, u64, u64) -> u64;
        match *arguments {
            // SAFETY: the caller's promise; words and pointers are passed alike on 64-bit targets.
            [] => unsafe { std::mem::transmute::<*const u8, F0>(address)() },
            // SAFETY: as above.
            [a] => unsafe { std::mem::transmute::<*const u8, F1>(address)(a) },
            // SAFETY: as above.
            [a, b] => unsafe { std::mem::transmute::<*const u8, F2>(address)(a, b) },
            // SAFETY: as above.
            [a, b, c] => unsafe { std::mem::transmute::<*const u8, F3>(address)(a, b, c) },
            // SAFETY: as above.
            [a, b, c, d] => unsafe { std::mem::transmute::<*const u8, F4>(address)(a, b, c, d) },
            // Forms with more arguments are refused when they are looked up.
            _ => 0,
        }
    }
}

/// The functions of the containers of one type.
#[derive(Clone, Debug)]
pub(crate) struct ContainerFunctions {
    form: ItemsForm,
    make: Function,
    make_arguments: Vec<u64>,
    read: Function,
    append: Function,
    release: Function,
}

impl ContainerFunctions {
    /// From what the type's rule says; else why not.
    pub(crate) fn new(form: ItemsForm, symbols: &SymbolTable) -> Result<Self, String> {
        Ok(Self {
            make: Function::resolve(&form.make, symbols)?,
            make_arguments: form.make_arguments.iter().map(|word| word.cast_unsigned()).collect(),
            read: Function::resolve(&form.read, symbols)?,
            append: Function::resolve(&form.append, symbols)?,
            release: Function::resolve(&form.release, symbols)?,
            form,
        })
    }

    /// Why there was no memory just now.
    pub(crate) fn failure(&self) -> NodeErrorKind {
        match self.make {
            Function::Runtime(_) => memory_failure(),
            Function::Host(_) => NodeErrorKind::MemoryError,
        }
    }

    fn no_memory(&self) -> String {
        match self.failure() {
            NodeErrorKind::MemoryLimit => "the limit of memory is reached".to_owned(),
            _ => "there is no memory".to_owned(),
        }
    }
}

// SAFETY: the functions are those that the type's rule names; who registered it, and them, says that they are of this form,
// for every thread that runs code with them.
unsafe impl ContainerCalls for ContainerFunctions {
    fn form(&self) -> &ItemsForm {
        &self.form
    }

    fn make(&self) -> Result<u64, String> {
        // SAFETY: the rule of the type gives the arguments of the function.
        match unsafe { self.make.call(&self.make_arguments) } {
            0 => Err(self.no_memory()),
            container => Ok(container),
        }
    }

    unsafe fn append(&self, container: u64, items: u64, count: usize) -> Result<bool, String> {
        // SAFETY: the caller's promise.
        let appended = unsafe { self.append.call(&[container, items, count as u64]) };
        match (appended & 0xff) as u8 as i8 {
            0 => Err(self.no_memory()),
            result => Ok(result > 0),
        }
    }

    unsafe fn read(&self, container: u64, cursor: &mut i64, items: u64, count: usize) -> usize {
        let cursor_address = std::ptr::from_mut(cursor).expose_provenance() as u64;
        // SAFETY: the caller's promise.
        let read = unsafe { self.read.call(&[container, cursor_address, items, count as u64]) };
        usize::try_from(read.cast_signed()).unwrap_or(0).min(count)
    }

    unsafe fn release(&self, container: u64) {
        // SAFETY: the caller's promise.
        unsafe { self.release.call(&[container]) };
    }
}

/// Why the latest allocation of the runtime failed on this thread.
fn memory_failure() -> NodeErrorKind {
    // SAFETY: the function takes nothing.
    let code = unsafe { invoke(RuntimeFunction::MemoryFailure, &[]) };
    i32::try_from(code).ok().and_then(NodeErrorKind::from_code).unwrap_or(NodeErrorKind::MemoryError)
}

/// The memory of calls of one compiled function: the functions of the containers that its arguments and its result hold,
/// and the objects of the host.
pub(crate) struct CallMemory {
    containers: HashMap<Type, Result<Arc<dyn ContainerCalls>, String>>,
    symbols: Arc<SymbolTable>,
}

impl CallMemory {
    /// For values of these types.
    pub(crate) fn new(registry: &Registry, types: &TypeTable, symbols: &Arc<SymbolTable>, of: &[Type]) -> Self {
        let mut containers = HashMap::new();
        let mut waiting = of.to_vec();
        while let Some(ty) = waiting.pop() {
            match &types.definition(ty).model {
                DataModel::Scalar(Representation::Pointer) if !containers.contains_key(&ty) => {
                    let form = registry.items_form(types, ty);
                    let calls = form.and_then(|form| ContainerFunctions::new(form, symbols));
                    containers.insert(ty, calls.map(|calls| Arc::new(calls) as Arc<dyn ContainerCalls>));
                }
                DataModel::Scalar(_) | DataModel::Empty => {}
                DataModel::Fields(fields) => waiting.extend(fields.iter().map(|field| field.ty)),
            }
        }
        Self { containers, symbols: Arc::clone(symbols) }
    }
}

impl NativeMemory for CallMemory {
    fn containers(&self, types: &TypeTable, ty: Type) -> Result<Arc<dyn ContainerCalls>, String> {
        let unknown = || Err(format!("values of type {} are no containers", types.name(ty)));
        self.containers.get(&ty).cloned().unwrap_or_else(unknown)
    }

    fn object(&self, name: &str) -> Option<u64> {
        self.symbols.object(name).map(|address| address.expose_provenance() as u64)
    }

    fn object_at(&self, address: u64) -> Option<&str> {
        let mut names: Vec<&str> = self.symbols.objects().filter(|name| self.object(name) == Some(address)).collect();
        // Of several names of one object the first in their order, whatever the order of the table.
        names.sort_unstable();
        names.first().copied()
    }
}

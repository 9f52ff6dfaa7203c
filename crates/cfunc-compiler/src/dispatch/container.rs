//! Containers of compiled code that a host holds.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use cfunc_backend::SymbolTable;
use cfunc_context::{
    BoxingContext, CompilationContext, NativeCells, NativeContainer, NativeValue, NativeWord, catch_panics,
};
use cfunc_models::{CellForm, Type, TypeTable, Value};

use super::other_tables::{import, is_same};
use crate::CallError;
use crate::native::CallMemory;

/// A list or dict as compiled code has it, for functions that are called on it without a copy. A clone is the same
/// container: what a function changes is seen through all of them, and by a function that is given it twice.
///
/// It stays on the thread that made it, as containers count their owners without locks.
#[derive(Clone)]
pub struct Container {
    inner: Rc<Inner>,
}

struct Inner {
    held: Held,
    ty: Type,
    types: Arc<TypeTable>,
    memory: Arc<CallMemory>,
    context: CompilationContext,
}

/// What owns it.
enum Held {
    /// It was made of a dynamic value, and goes with this.
    Unboxed(NativeValue),
    /// A function gave it away.
    Given(NativeContainer),
}

impl Container {
    /// The container of a dynamic value: a list or a dict whose elements have one type.
    ///
    /// # Errors
    ///
    /// [`CallError::Typing`], [`CallError::Unbox`]: why there is none.
    pub fn from_value(context: &CompilationContext, value: &Value) -> Result<Self, CallError> {
        let typing = |message| CallError::Typing { argument: None, message };
        let mut types = TypeTable::layer(context.types());
        let outcome = catch_panics(|| {
            let ty = context.registry().type_of_argument(&mut types, value).map_err(typing)?;
            Self::of_type(context, types, ty, value)
        });
        outcome.unwrap_or_else(|panic| Err(super::panicked(context.registry(), &panic)))
    }

    /// The container of a dynamic value, of a type of a table.
    pub(crate) fn of_type(
        context: &CompilationContext,
        types: TypeTable,
        ty: Type,
        value: &Value,
    ) -> Result<Self, CallError> {
        let registry = context.registry();
        if types.definition(ty).cell != CellForm::Container {
            let message = format!("a value of type {} is no container", types.name(ty));
            return Err(CallError::Typing { argument: None, message });
        }
        let memory = Arc::new(CallMemory::new(registry, &types, &Arc::new(SymbolTable::new()), &[ty]));
        let native = BoxingContext::new(registry, &types, &*memory).unbox(ty, value);
        if let Some(message) = native.message() {
            return Err(CallError::Unbox { argument: types.name(ty).to_owned(), message: message.to_owned() });
        }
        let (held, types, context) = (Held::Unboxed(native), types.freeze(), context.clone());
        Ok(Self { inner: Rc::new(Inner { held, ty, types, memory, context }) })
    }

    /// The container that a function gave away.
    ///
    /// # Safety
    ///
    /// The address is that of a live container of the type, one owner of which this becomes.
    pub(crate) unsafe fn given(
        context: &CompilationContext,
        types: &TypeTable,
        (memory, ty): (&Arc<CallMemory>, Type),
        address: NativeWord,
    ) -> Result<Self, String> {
        let calls = cfunc_context::NativeMemory::containers(&**memory, types, ty)?;
        // SAFETY: the caller's promise.
        let container = unsafe { NativeContainer::from_owned(calls, address.as_int64().cast_unsigned()) };
        let (types, memory, context) = (types.clone().freeze(), Arc::clone(memory), context.clone());
        Ok(Self { inner: Rc::new(Inner { held: Held::Given(container), ty, types, memory, context }) })
    }

    /// What it holds now.
    ///
    /// # Errors
    ///
    /// [`CallError::Box`] where an element cannot be boxed.
    pub fn to_value(&self) -> Result<Value, CallError> {
        let inner = &*self.inner;
        let registry = inner.context.registry();
        let words = [self.word()];
        // SAFETY: the container lives as long as this.
        let cells = unsafe { NativeCells::new(&inner.types, inner.ty, &words) };
        let outcome = catch_panics(|| BoxingContext::new(registry, &inner.types, &*inner.memory).box_value(&cells));
        match outcome {
            Ok(boxed) => boxed.map_err(|error| CallError::Box { argument: None, message: error.message }),
            Err(panic) => Err(super::panicked(registry, &panic)),
        }
    }

    /// How many elements it has. They are counted.
    ///
    /// # Errors
    ///
    /// [`CallError::Box`] where it is no container of items.
    pub fn len(&self) -> Result<usize, CallError> {
        let inner = &*self.inner;
        let words = [self.word()];
        // SAFETY: the container lives as long as this.
        let cells = unsafe { NativeCells::new(&inner.types, inner.ty, &words) };
        let context = BoxingContext::new(inner.context.registry(), &inner.types, &*inner.memory);
        let mut count = 0;
        let counted = context.for_each_item(&cells, &mut |_item| {
            count += 1;
            Ok(())
        });
        counted.map_err(|error| CallError::Box { argument: None, message: error.message })?;
        Ok(count)
    }

    /// Whether it has no elements.
    ///
    /// # Errors
    ///
    /// As [`Container::len`].
    pub fn is_empty(&self) -> Result<bool, CallError> {
        Ok(self.len()? == 0)
    }

    /// The name of its type: `list[float]`.
    pub fn type_name(&self) -> &str {
        self.inner.types.name(self.inner.ty)
    }

    /// Whether two are one container.
    pub fn is_same(&self, other: &Self) -> bool {
        self.word() == other.word()
    }

    /// Its address, as a component.
    pub(crate) fn word(&self) -> NativeWord {
        match &self.inner.held {
            Held::Unboxed(native) => native.words().first().copied().unwrap_or_default(),
            Held::Given(container) => container.word(),
        }
    }

    /// Its type as one of another table of the same context.
    pub(crate) fn type_in(&self, types: &mut TypeTable) -> Option<Type> {
        import(types, &self.inner.types, self.inner.ty)
    }

    /// Whether it is a container of a type of another table.
    pub(crate) fn is_of(&self, types: &TypeTable, ty: Type) -> bool {
        is_same(types, ty, &self.inner.types, self.inner.ty)
    }

    pub(crate) fn context(&self) -> &CompilationContext {
        &self.inner.context
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Container").field("ty", &self.type_name()).finish_non_exhaustive()
    }
}

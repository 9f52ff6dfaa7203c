//! Custom types: everything that a type does where it is declared, bound and assigned, in one object.
//!
//! What a type does in expressions are rules: operations, attributes, methods, conversions and constants are registered
//! for its family. How it is held, in registers and in cells, and how many bytes that takes, its definition in the table
//! of types says. Code of its own at START and STOP is [`Registrar::state_lifecycle`].

use std::sync::Arc;

use cfunc_models::{HostObject, Type, TypeTable, Value};
use cfunc_sources::VariableModel;
use cfunc_syntax::ast::{Expression, Parameter};

use crate::analysis::bind_by_default;
use crate::guarded::Guarded;
use crate::processors::FunctionInfo;
use crate::transform::{HandlerResult, TransformApi};
use crate::{AnalysisApi, BoundArgument, CompilationContext, ModuleScope, ParameterDeclaration, Registrar, ValueSpec};

/// What a state's declaration says.
#[derive(Clone, Debug, PartialEq)]
pub struct StateDeclaration {
    /// Its type.
    pub ty: Type,
    /// What it holds before START, as its cell holds it.
    pub initial: Value,
}

/// A type of an extension's own. Those of lower priority are asked first; the first that knows an annotation, a value, a
/// state or an assignment has it. Names that are registered are looked up after all of them.
pub trait CustomType: Send + Sync {
    /// The type that an annotation is, where it is of this kind. The scope knows the names of the source and the globals
    /// handed to the compile.
    fn type_of_annotation(
        &self,
        scope: &ModuleScope<'_>,
        types: &mut TypeTable,
        annotation: &Expression,
    ) -> Option<Type>;

    /// The type of a dynamic value, where it is of this kind.
    fn type_of_value(&self, types: &mut TypeTable, value: &Value) -> Option<Type> {
        let _ = (types, value);
        None
    }

    /// A parameter whose annotation is of this kind; without it a constant of the type.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this kind and wrong.
    fn parse_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        let _ = parameter;
        Ok(self.type_of_annotation(api.scope, api.types, annotation).map(ParameterDeclaration::constant))
    }

    /// Checks and converts what the host bound to a parameter of this kind.
    ///
    /// # Errors
    ///
    /// A diagnostic where the parameter does not take it.
    fn bind_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let _ = api;
        bind_by_default(parameter, declaration, argument)
    }

    /// A state whose type, the annotation in the brackets of `State[…]`, is of this kind, with its initial value, where
    /// that is more than a constant that the type's conversion knows.
    ///
    /// # Errors
    ///
    /// A diagnostic where it is of this kind and wrong.
    fn parse_state(
        &self,
        api: &mut AnalysisApi<'_>,
        name: &str,
        annotation: &Expression,
        initial: Option<&Expression>,
    ) -> HandlerResult<Option<StateDeclaration>> {
        let _ = (api, name, annotation, initial);
        Ok(None)
    }

    /// What is assigned in the place of a value, before types are known: `mode = Mode.FAST` becomes `mode = 2`. Of
    /// `mode: Mode = Mode.FAST` too; of `a = b = Mode.FAST` for each target, until there is an answer. What is assigned
    /// inside of an expression (`:=`), to several names at once (`a, b = …`) or added to a name (`+=`) is not asked about.
    /// The answer is not transformed by handlers again.
    ///
    /// # Errors
    ///
    /// A diagnostic where the assignment is of this kind and wrong.
    fn lower_assignment(
        &self,
        api: &mut dyn TransformApi,
        target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        let _ = (api, target, value);
        Ok(None)
    }

    /// Whether an output of a type of this kind takes a returned value of another type, which must convert to it too.
    /// `None` where the declared type is of another kind.
    fn accepts_on_return(&self, types: &TypeTable, declared: Type, returned: Type) -> Option<bool> {
        let _ = (types, declared, returned);
        None
    }
}

impl Registrar<'_> {
    /// Adds a custom type. Lower priorities are asked first; of equal ones those registered first.
    pub fn custom_type(&mut self, priority: i32, custom: impl CustomType + 'static) {
        let custom: Arc<dyn CustomType> = Arc::new(Guarded { extension: self.extension.clone(), inner: custom });
        let of_value = Arc::clone(&custom);
        self.type_of_value(ValueSpec::Any, move |types, value, _role| of_value.type_of_value(types, value));
        self.handlers.custom_types.push((priority, custom));
    }

    /// Adds a processor of the variables that categories of extensions make: it is given each with the host's object that
    /// is bound to its parameter, and may attach metadata to the function.
    pub fn signal_processor(
        &mut self,
        process: impl Fn(&VariableModel, Option<&HostObject>, &mut FunctionInfo<'_>) -> HandlerResult<()>
        + Send
        + Sync
        + 'static,
    ) {
        self.handlers.processors.push((self.extension.clone(), Arc::new(process)));
    }
}

impl CompilationContext {
    /// The custom types in the order in which they are asked.
    pub fn custom_types(&self) -> impl Iterator<Item = &dyn CustomType> {
        self.handlers().custom_types.iter().map(|(_, custom)| &**custom)
    }

    /// Whether there are custom types.
    pub fn has_custom_types(&self) -> bool {
        !self.handlers().custom_types.is_empty()
    }
}

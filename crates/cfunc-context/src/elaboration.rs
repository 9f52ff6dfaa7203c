//! Elaborators: what an attribute, a call of a method or an assignment stands for, asked once the types are known.
//!
//! An elaborator answers with a tree, which inference types in the place of what was asked about. What was typed
//! already, the base and the arguments, it names by [`HeldValue::expression`]: each is evaluated once, before what the
//! answer says, in the order of the source.

use std::sync::Arc;

use cfunc_models::{Diagnostic, FunctionModel, Span, Type, TypeConstructor, TypeTable, Value};
use cfunc_syntax::ast::{Expression, GlobalId, Name};
use cfunc_syntax::builders;
use foldhash::HashMap;

use crate::transform::{Handler, HandlerResult};
use crate::{CompilationContext, Registrar};

/// A typed value that an elaborator is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldValue {
    /// Its number in the answer.
    pub number: u32,
    /// Its type.
    pub ty: Type,
    /// Its value, where it is known.
    pub constant: Option<Value>,
    /// Where it stands.
    pub span: Span,
}

impl HeldValue {
    /// What stands for it in the answer; any number of times.
    pub fn expression(&self) -> Expression {
        builders::held(self.span, self.number)
    }
}

/// `base.name`.
#[derive(Clone, Debug)]
pub struct AttributeAccess<'a> {
    /// Where it stands.
    pub span: Span,
    /// The value.
    pub base: HeldValue,
    /// The attribute's name.
    pub name: &'a str,
}

/// `base.name(arguments)`.
#[derive(Clone, Debug)]
pub struct MethodCall<'a> {
    /// Where it stands.
    pub span: Span,
    /// The value.
    pub base: HeldValue,
    /// What the value is of in the source, where that has a name.
    pub place: Option<BasePlace>,
    /// The method's name.
    pub name: &'a str,
    /// Positional arguments.
    pub arguments: Vec<HeldValue>,
    /// Keyword arguments.
    pub keywords: Vec<(Name, HeldValue)>,
}

/// What a method is called on: a name, or an attribute of one. Methods that update values which are copied, as
/// `flags.add(…)` does, assign a new value to it.
#[derive(Clone, Debug, PartialEq)]
pub struct BasePlace {
    /// Reads it, and is assigned to where it can be; any number of times in the answer.
    pub expression: Expression,
    /// What it is.
    pub kind: BaseKind,
    /// As the source has it.
    pub name: String,
    /// Another name that an assignment of the source (`b = a`) gives the same value, and where that stands.
    pub shared: Option<(Name, Span)>,
}

/// What a [`BasePlace`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseKind {
    /// A local.
    Local,
    /// A parameter of a helper, which is assigned as a local is: its caller sees nothing of that.
    Parameter,
    /// A state.
    State,
    /// An attribute of a name, or of an attribute of one.
    Attribute,
    /// An input, output or constant: it is not assigned.
    Fixed,
}

/// What is assigned to.
#[derive(Clone, Debug, PartialEq)]
pub enum AssignedPlace<'a> {
    /// `base.name = value`; augmented assignment too.
    Attribute {
        /// The value that the attribute is of.
        base: HeldValue,
        /// The attribute's name.
        name: &'a str,
    },
    /// `base[index] = value`; augmented assignment too.
    Subscript {
        /// What is subscripted.
        base: HeldValue,
        /// The index.
        index: HeldValue,
    },
    /// `name = value`, of a local.
    Local(&'a str),
    /// `name = value`, of a state, of its type.
    State(&'a str, Type),
}

/// An assignment.
#[derive(Clone, Debug)]
pub struct Assignment<'a> {
    /// Where the target stands.
    pub span: Span,
    /// What is assigned to.
    pub place: AssignedPlace<'a>,
    /// What is assigned.
    pub value: HeldValue,
}

/// What an elaborator may ask and do.
pub trait InferApi {
    /// What the function declares.
    fn function(&self) -> &FunctionModel;

    /// The types known so far.
    fn types(&self) -> &TypeTable;

    /// The types known so far, to add members of families.
    fn types_mut(&mut self) -> &mut TypeTable;

    /// The context that the function is compiled in.
    fn context(&self) -> &CompilationContext;

    /// The value of a dotted name of the module: a constant of the source, or a global handed to the compile.
    fn global_value(&self, path: &str) -> Option<Value>;

    /// What stands for something registered.
    fn registered(&self, id: GlobalId, span: Span) -> Expression;

    /// As [`InferApi::registered`], by the dotted name that it was registered under.
    fn registered_name(&self, path: &str, span: Span) -> Option<Expression>;

    /// A local that the source does not name, to be assigned and read in the answer.
    fn new_local(&mut self, hint: &str, span: Span) -> Expression;

    /// Reports an error or warning and goes on.
    fn report(&mut self, diagnostic: Diagnostic);
}

/// What an attribute stands for.
pub type AttributeElaborator =
    Arc<dyn Fn(&mut dyn InferApi, &AttributeAccess<'_>) -> HandlerResult<Option<Expression>> + Send + Sync>;
/// What a call of a method stands for.
pub type CallElaborator =
    Arc<dyn Fn(&mut dyn InferApi, &MethodCall<'_>) -> HandlerResult<Option<Expression>> + Send + Sync>;
/// What an assignment does, or what is assigned.
pub type AssignmentElaborator =
    Arc<dyn Fn(&mut dyn InferApi, &Assignment<'_>) -> HandlerResult<Option<Expression>> + Send + Sync>;

/// Elaborators by the family of the type that they are for, each list in the order in which it is asked.
#[derive(Clone, Default)]
pub(crate) struct Elaborators {
    pub(crate) attributes: HashMap<TypeConstructor, Vec<Handler<AttributeElaborator>>>,
    pub(crate) calls: HashMap<TypeConstructor, Vec<Handler<CallElaborator>>>,
    pub(crate) assignments: HashMap<TypeConstructor, Vec<Handler<AssignmentElaborator>>>,
    pub(crate) stores: HashMap<TypeConstructor, Vec<Handler<AssignmentElaborator>>>,
    /// By the kind of value.
    pub(crate) constants: HashMap<String, Vec<Handler<AttributeElaborator>>>,
}

impl Elaborators {
    pub(crate) fn sort(&mut self) {
        self.attributes.values_mut().for_each(|list| Handler::sort(list));
        self.calls.values_mut().for_each(|list| Handler::sort(list));
        self.assignments.values_mut().for_each(|list| Handler::sort(list));
        self.stores.values_mut().for_each(|list| Handler::sort(list));
        self.constants.values_mut().for_each(|list| Handler::sort(list));
    }
}

impl Registrar<'_> {
    /// Says what attributes of a family of types stand for, where no earlier elaborator said it and before rules are
    /// looked for. Lower priorities are asked first; `None` passes it on.
    pub fn attribute_accessor(
        &mut self,
        constructor: TypeConstructor,
        priority: i32,
        elaborate: impl Fn(&mut dyn InferApi, &AttributeAccess<'_>) -> HandlerResult<Option<Expression>>
        + Send
        + Sync
        + 'static,
    ) {
        let handlers = self.handlers.elaborators.attributes.entry(constructor).or_default();
        Handler::add(handlers, &self.extension, priority, Arc::new(elaborate));
    }

    /// Says what attributes of a value that is known at compile time stand for, by its kind: a member of an enumeration
    /// that the host handed to the compile, say. Asked before [`Registrar::attribute_accessor`].
    pub fn attribute_lowerer(
        &mut self,
        kind: &str,
        priority: i32,
        elaborate: impl Fn(&mut dyn InferApi, &AttributeAccess<'_>) -> HandlerResult<Option<Expression>>
        + Send
        + Sync
        + 'static,
    ) {
        let handlers = self.handlers.elaborators.constants.entry(kind.to_owned()).or_default();
        Handler::add(handlers, &self.extension, priority, Arc::new(elaborate));
    }

    /// Says what calls of methods of a family of types stand for; as [`Registrar::attribute_accessor`].
    pub fn method_call_handler(
        &mut self,
        constructor: TypeConstructor,
        priority: i32,
        elaborate: impl Fn(&mut dyn InferApi, &MethodCall<'_>) -> HandlerResult<Option<Expression>> + Send + Sync + 'static,
    ) {
        let handlers = self.handlers.elaborators.calls.entry(constructor).or_default();
        Handler::add(handlers, &self.extension, priority, Arc::new(elaborate));
    }

    /// Says what an assignment to an attribute or subscript of a family of types does: the answer is evaluated for its
    /// effects, in the place of the assignment.
    pub fn assignment_handler(
        &mut self,
        constructor: TypeConstructor,
        priority: i32,
        elaborate: impl Fn(&mut dyn InferApi, &Assignment<'_>) -> HandlerResult<Option<Expression>> + Send + Sync + 'static,
    ) {
        let handlers = self.handlers.elaborators.assignments.entry(constructor).or_default();
        Handler::add(handlers, &self.extension, priority, Arc::new(elaborate));
    }

    /// Says what is assigned to a local or state in the place of a value of a family of types.
    pub fn assigned_value_handler(
        &mut self,
        constructor: TypeConstructor,
        priority: i32,
        elaborate: impl Fn(&mut dyn InferApi, &Assignment<'_>) -> HandlerResult<Option<Expression>> + Send + Sync + 'static,
    ) {
        let handlers = self.handlers.elaborators.stores.entry(constructor).or_default();
        Handler::add(handlers, &self.extension, priority, Arc::new(elaborate));
    }
}

impl CompilationContext {
    /// The elaborators of attributes of a type.
    pub fn attribute_elaborators(&self, types: &TypeTable, ty: Type) -> &[Handler<AttributeElaborator>] {
        of_type(&self.handlers().elaborators.attributes, types, ty)
    }

    /// The elaborators of attributes of a value that is known.
    pub fn constant_elaborators(&self, value: &Value) -> &[Handler<AttributeElaborator>] {
        let found = &self.handlers().elaborators.constants;
        if found.is_empty() { &[] } else { found.get(value.kind()).map_or(&[], Vec::as_slice) }
    }

    /// The elaborators of calls of methods of a type.
    pub fn call_elaborators(&self, types: &TypeTable, ty: Type) -> &[Handler<CallElaborator>] {
        of_type(&self.handlers().elaborators.calls, types, ty)
    }

    /// The elaborators of assignments to parts of a value of a type.
    pub fn assignment_elaborators(&self, types: &TypeTable, ty: Type) -> &[Handler<AssignmentElaborator>] {
        of_type(&self.handlers().elaborators.assignments, types, ty)
    }

    /// The elaborators of values of a type that are assigned to names.
    pub fn store_elaborators(&self, types: &TypeTable, ty: Type) -> &[Handler<AssignmentElaborator>] {
        of_type(&self.handlers().elaborators.stores, types, ty)
    }
}

fn of_type<'a, F>(
    found: &'a HashMap<TypeConstructor, Vec<Handler<F>>>,
    types: &TypeTable,
    ty: Type,
) -> &'a [Handler<F>] {
    if found.is_empty() {
        return &[];
    }
    found.get(&types.definition(ty).constructor).map_or(&[], Vec::as_slice)
}

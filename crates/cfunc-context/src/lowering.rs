//! What lowering rules are written against.

use std::ops::{Deref, DerefMut};

use cfunc_ir::{
    BinaryOperation, Block, DataId, DataObject, FunctionBuilder, IntegerCondition, Relocation,
    Signature as IrSignature, Value as IrValue, Variable,
};
use cfunc_models::{
    CompilationOptions, DataModel, Effects, ErrorSite, NodeErrorKind, Representation, RuntimeFunction, Span, Type,
    TypeTable, Value,
};
use smallvec::{SmallVec, smallvec};

use crate::{CompilationContext, ErrorTarget, OwnedValues, RuleId, RuleUses, Signature, UseKind};

/// Rounds of loops between two polls: few enough to be over in an instant, many enough that a look at the clock does not
/// count.
const ROUNDS_BETWEEN_POLLS: i64 = 255;

/// A typed value: the IR values of its type's components.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// Its type.
    pub ty: Type,
    /// One IR value a component.
    pub values: SmallVec<[IrValue; 2]>,
}

impl Operand {
    /// A value of a type with these components.
    pub fn new(ty: Type, values: &[IrValue]) -> Self {
        Self { ty, values: values.into() }
    }

    /// A value of a type of one component.
    pub fn scalar(ty: Type, value: IrValue) -> Self {
        Self { ty, values: smallvec![value] }
    }

    /// The component of a type that has one.
    ///
    /// # Panics
    ///
    /// When the type has none: a rule registered for other types than it is written for. While a node is compiled, a
    /// panic of a rule is an error that names the rule (`E0901`).
    pub fn value(&self) -> IrValue {
        self.values[0]
    }

    /// The component of a type that has exactly one, for rules that serve types of every kind.
    ///
    /// # Errors
    ///
    /// Where the type has none, or several.
    pub fn only_value(&self) -> Result<IrValue, LowerError> {
        match self.values.as_slice() {
            [value] => Ok(*value),
            values => Err(LowerError::new(format!("an operand has {} components where one is wanted", values.len()))),
        }
    }
}

/// Why a rule gave no IR: a rule that does not hold to its contract, or a constant that its type cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LowerError {
    /// What is wrong.
    pub message: String,
    /// The rule that it is about: of those that asked each other, the innermost.
    pub rule: Option<RuleId>,
}

impl LowerError {
    /// An error of a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), rule: None }
    }

    /// The same about a rule, unless it is about another already.
    pub(crate) fn of(self, rule: RuleId) -> Self {
        Self { rule: self.rule.or(Some(rule)), ..self }
    }
}

/// Emits IR for one operation; a [`FunctionBuilder`] with what rules need besides.
pub struct LowerContext<'a, 'module> {
    /// Where instructions go.
    pub builder: &'a mut FunctionBuilder<'module>,
    /// The context that the function is compiled in.
    pub context: &'a CompilationContext,
    /// The types known so far.
    pub types: &'a TypeTable,
    /// The options of this compilation.
    pub options: &'a CompilationOptions,
    /// Where the operation stands.
    pub span: Span,
    /// Where failures go.
    pub error_target: &'a mut ErrorTarget,
    /// The attribute's name, for rules that serve every name.
    pub attribute: Option<&'a str>,
    /// The operands' values where they are known at compile time; empty where a rule was asked by another rule.
    pub constants: &'a [Option<Value>],
    /// What the frame owns.
    pub owned: &'a mut OwnedValues,
    /// What rules left to other rules so far: calls, casts and constants.
    pub uses: &'a mut RuleUses,
    /// Whether it is a rule that asks, and not the tree.
    pub in_rule: bool,
    /// Who emits functions of Python code that rules call; `None` where there are none.
    pub python: Option<&'a mut dyn crate::PythonCode>,
    /// How many rounds of loops of the function may go by before the next poll (i32), once a loop polls.
    pub rounds: &'a mut Option<Variable>,
}

impl<'module> Deref for LowerContext<'_, 'module> {
    type Target = FunctionBuilder<'module>;

    fn deref(&self) -> &Self::Target {
        self.builder
    }
}

impl DerefMut for LowerContext<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.builder
    }
}

impl<'a> LowerContext<'a, '_> {
    /// Goes on where the i8 `condition` is not 0, else fails with an error of this kind and message.
    pub fn guard(&mut self, condition: IrValue, kind: NodeErrorKind, message: &str) {
        let proceed = self.builder.create_block();
        let (error, site) = self.error_edge(kind, message);
        self.builder.branch_with(condition, (proceed, &[]), (error, &[site]));
        self.builder.switch_to(proceed);
    }

    /// Fails here; what is emitted after it is never reached.
    pub fn fail(&mut self, kind: NodeErrorKind, message: &str) {
        let (error, site) = self.error_edge(kind, message);
        self.builder.jump(error, &[site]);
    }

    /// Fails here with an error whose site is known at run time only; what is emitted after it is never reached. `site`
    /// is an i32: the number of an error site of the module, as a called function of the module returned it. The
    /// `except` clauses around the operation stop it by the kind of the site; what none stops ends the call.
    pub fn propagate(&mut self, site: IrValue) {
        let block = self.error_target.block(self.builder, None);
        self.builder.jump(block, &[site]);
    }

    /// Goes on where the i8 `succeeded` is not 0, else fails as [`LowerContext::propagate`] does.
    pub fn propagate_unless(&mut self, succeeded: IrValue, site: IrValue) {
        let proceed = self.builder.create_block();
        let block = self.error_target.block(self.builder, None);
        self.builder.branch_with(succeeded, (proceed, &[]), (block, &[site]));
        self.builder.switch_to(proceed);
    }

    /// For the start of each round of a loop: with the option `interruptible`, asks the runtime every so often whether
    /// the call is to end, and fails where it is. The first round of a call asks, so that functions with short loops do
    /// too. Without the option nothing is emitted.
    pub fn poll(&mut self) {
        if !self.options.interruptible {
            return;
        }
        let rounds = *self.rounds.get_or_insert_with(|| self.builder.declare_variable(Representation::I32));
        let left = self.builder.use_variable(rounds);
        let one = self.builder.integer_constant(Representation::I32, 1);
        let fewer = self.builder.binary(BinaryOperation::IntegerSubtract, left, one);
        self.builder.define_variable(rounds, fewer);
        let (ask, go_on) = (self.builder.create_cold_block(), self.builder.create_block());
        let is_due = self.builder.integer_compare_constant(IntegerCondition::Equal, left, 0);
        self.builder.branch(is_due, ask, go_on);
        self.builder.switch_to(ask);
        if let Some(ends) = self.builder.call_runtime(RuntimeFunction::Poll, &[]) {
            let goes_on = self.builder.integer_compare_constant(IntegerCondition::Equal, ends, 0);
            self.guard(goes_on, NodeErrorKind::Interrupted, "the call was interrupted");
        }
        let between = self.builder.integer_constant(Representation::I32, ROUNDS_BETWEEN_POLLS);
        self.builder.define_variable(rounds, between);
        self.builder.jump(go_on, &[]);
        self.builder.switch_to(go_on);
    }

    pub(crate) fn error_edge(&mut self, kind: NodeErrorKind, message: &str) -> (Block, IrValue) {
        let site = ErrorSite { kind, message: message.to_owned(), span: self.span };
        let number = self.builder.module().add_site(site);
        let number = self.builder.integer_constant(Representation::I32, i64::from(number.0));
        (self.error_target.block(self.builder, Some(kind)), number)
    }

    /// Calls an external function that gives one result.
    ///
    /// # Errors
    ///
    /// Where the signature has no result.
    pub fn call_external_value(
        &mut self,
        symbol: &str,
        signature: IrSignature,
        effects: Effects,
        arguments: &[IrValue],
    ) -> Result<IrValue, LowerError> {
        let result = self.call_external(symbol, signature, effects, arguments);
        result.ok_or_else(|| LowerError::new(format!("`{symbol}` is declared without a result")))
    }

    pub(crate) fn attribute_name(&self) -> Result<&'a str, LowerError> {
        self.attribute.ok_or_else(|| LowerError::new("a rule for attributes is asked without a name"))
    }

    /// The address of static data: these bytes, with addresses of other data where relocations say. Data that is equal
    /// is there once.
    pub fn static_data(&mut self, alignment: u32, contents: Vec<u8>, relocations: Vec<Relocation>) -> IrValue {
        let data = self.static_object(alignment, contents, relocations);
        self.builder.data_address(data, 0)
    }

    /// As [`LowerContext::static_data`], for relocations of other data.
    pub fn static_object(&mut self, alignment: u32, contents: Vec<u8>, relocations: Vec<Relocation>) -> DataId {
        let module = self.builder.module();
        let equal = module.data.iter().position(|object| {
            object.alignment == alignment
                && object.contents == contents
                && object.relocations == relocations
                && !object.contents.is_empty()
        });
        match equal {
            Some(index) => DataId::from_index(index),
            None => {
                let name = format!("constant{}", module.data.len());
                module.add_data(DataObject { name, alignment, contents, relocations })
            }
        }
    }

    /// The component of a field of a value of several components.
    ///
    /// # Errors
    ///
    /// Where its type has no field of that name.
    pub fn field(&self, operand: &Operand, name: &str) -> Result<Operand, LowerError> {
        let mut first = 0;
        if let DataModel::Fields(fields) = &self.types.definition(operand.ty).model {
            for field in fields {
                let count = self.types.components(field.ty).len();
                if field.name == name {
                    return Ok(Operand::new(field.ty, &operand.values[first..first + count]));
                }
                first += count;
            }
        }
        Err(LowerError::new(format!("{} has no field `{name}`", self.types.name(operand.ty))))
    }

    /// A value of a type of several components, from its fields in order.
    pub fn make(&self, ty: Type, fields: &[Operand]) -> Operand {
        Operand { ty, values: fields.iter().flat_map(|field| field.values.iter().copied()).collect() }
    }

    /// A value of another type, by the registered conversion.
    ///
    /// # Errors
    ///
    /// Where no conversion is registered, or its rule fails.
    pub fn cast(&mut self, operand: Operand, to: Type) -> Result<Operand, LowerError> {
        if operand.ty == to {
            return Ok(operand);
        }
        let from = operand.ty;
        let context = self.context;
        let Some(cast) = context.registry().cast(self.types, from, to) else {
            let (from, to) = (self.types.name(from), self.types.name(to));
            return Err(LowerError::new(format!("no conversion from {from} to {to} is registered")));
        };
        if self.in_rule {
            self.uses.add(UseKind::Cast, cast.rule, self.span, &[from], to);
        }
        self.emit_value(cast.rule, to, |rules| (cast.implementation)(rules, from, to, operand))
    }

    /// A constant of a type.
    ///
    /// # Errors
    ///
    /// Where the type has no constants, or not of this value.
    pub fn constant(&mut self, ty: Type, value: &Value) -> Result<Operand, LowerError> {
        let context = self.context;
        let Some((implementation, rule)) = context.registry().constant(self.types, ty) else {
            let name = self.types.name(ty);
            let message =
                format!("{value} cannot be a constant of type {name}: no `lower_constant` makes those of {name}");
            return Err(LowerError::new(message));
        };
        if self.in_rule {
            self.uses.add(UseKind::Constant, rule, self.span, &[], ty);
        }
        self.emit_value(rule, ty, |rules| implementation(rules, ty, value))
    }

    /// The implementation of another operation or function for these operands, with the casts it needs. In a loop that
    /// the rule emits, what it makes is to be released each round: [`LowerContext::scope`], [`LowerContext::repeat`].
    ///
    /// # Errors
    ///
    /// Where nothing is registered for their types, a rule fails, or rules ask each other without an end.
    pub fn call(
        &mut self,
        callable: impl Into<crate::CallableId>,
        operands: &[Operand],
    ) -> Result<Operand, LowerError> {
        let callable = callable.into();
        let context = self.context;
        let mut types = self.types.clone();
        let arguments: SmallVec<[crate::Argument; 3]> = operands
            .iter()
            .map(|operand| crate::Argument { ty: operand.ty, constant: None, span: self.span })
            .collect();
        let resolution = context
            .registry()
            .resolve(&mut types, callable, &arguments, &[], self.span, self.uses)
            .map_err(|error| LowerError::new(error.describe(&types, context.registry())))?;
        let rules = (resolution.typing, resolution.lowering);
        let Signature { parameters, result } = &resolution.signature;
        self.uses.add_call(UseKind::Operation, Some(callable), rules, self.span, parameters, *result);
        let mut cast = SmallVec::<[Operand; 3]>::new();
        for (operand, ty) in operands.iter().zip(&resolution.signature.parameters) {
            cast.push(self.cast(operand.clone(), *ty)?);
        }
        // What is known of this rule's operands says nothing of those of the other.
        let outer = std::mem::take(&mut self.constants);
        let result = self.apply(&resolution, &cast);
        self.constants = outer;
        result
    }

    /// An operand's value where it is known at compile time.
    pub fn known(&self, operand: usize) -> Option<&'a Value> {
        self.constants.get(operand).and_then(Option::as_ref)
    }
}

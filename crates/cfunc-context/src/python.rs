//! Functions written in Python that rules call: typed for the types at hand, emitted once for each.
//!
//! The layers that type and emit them are above this one; they are asked through [`PythonFunctions`] and [`PythonCode`].

use std::sync::Arc;

use cfunc_ir::{BinaryOperation, FunctionId, IntegerCondition, Module, Value as IrValue};
use cfunc_models::{Diagnostic, Representation, Span, Type, TypeTable, Value, codes};
use cfunc_sources::RuleFunctionId;
use cfunc_syntax::ast::{Module as SyntaxModule, Name};
use smallvec::SmallVec;

use crate::{LowerContext, LowerError, Operand, RuleUses, Signature, TypingAnswer, TypingContext};

/// A function that rules call, as it was registered.
#[derive(Clone, Debug)]
pub struct RuleFunction {
    /// Its name in its module.
    pub name: Name,
    /// Where it is defined, with an upper bound of the depth of that tree; `None`: in the module that is compiled.
    pub module: Option<(Arc<SyntaxModule>, usize)>,
}

/// Types functions of Python code for rules.
pub trait PythonFunctions: Send + Sync {
    /// The type of what a function gives for arguments of these types, those without a default at least.
    ///
    /// # Errors
    ///
    /// What is wrong with it for these types, at `span`.
    fn result(
        &self,
        types: &mut TypeTable,
        uses: &RuleUses,
        function: RuleFunctionId,
        arguments: &[Type],
        span: Span,
    ) -> Result<Type, Box<Diagnostic>>;

    /// Its name.
    fn name(&self, function: RuleFunctionId) -> &str;
}

/// Emits functions of Python code for rules.
pub trait PythonCode {
    /// The function of the module for arguments of these types, emitted on first use.
    ///
    /// # Errors
    ///
    /// What is wrong with it for these types.
    fn emit(
        &mut self,
        module: &mut Module,
        uses: &mut RuleUses,
        function: RuleFunctionId,
        arguments: &[Type],
        span: Span,
    ) -> Result<EmittedPython, LowerError>;
}

/// A function that was emitted.
#[derive(Clone, Debug, PartialEq)]
pub struct EmittedPython {
    /// It takes the components of the arguments and gives those of its result.
    pub function: FunctionId,
    /// The type of what it gives.
    pub result: Type,
    /// Whether a status follows the result: 0, or the number of an error site plus one, an i32.
    pub fails: bool,
    /// What stands for the parameters that no argument is given for.
    pub defaults: Vec<(Type, Value)>,
}

/// Who types functions of Python code, and which are being typed or emitted.
#[derive(Clone, Default)]
pub(crate) struct PythonState {
    pub(crate) functions: Option<Arc<dyn PythonFunctions>>,
    /// Those that rules asked for, each on behalf of the one before it.
    pub(crate) active: Vec<RuleFunctionId>,
    /// How many functions of Python code are around, those that other ones call included.
    pub(crate) nesting: usize,
    /// What is wrong with the one that a typing rule asked for last, which ends the search for rules.
    pub(crate) wrong: Option<Box<Diagnostic>>,
}

impl std::fmt::Debug for PythonState {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PythonState").field("active", &self.active).finish_non_exhaustive()
    }
}

/// What was recorded does not depend on it.
impl PartialEq for PythonState {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for PythonState {}

impl RuleUses {
    /// A record with which rules can call functions of Python code.
    #[must_use]
    pub fn with_python(mut self, functions: Option<Arc<dyn PythonFunctions>>) -> Self {
        self.python.functions = functions;
        self
    }

    /// An empty record for a function of Python code that is typed on behalf of this one's.
    #[must_use]
    pub fn nested(&self) -> Self {
        let mut nested = Self::at_depth(self);
        nested.python = self.python.clone();
        nested.python.nesting += 1;
        nested
    }

    /// How many functions of Python code are being typed or emitted, one on behalf of the other.
    pub fn nesting(&self) -> usize {
        self.python.nesting
    }

    /// Begins to type or emit a function for a rule.
    ///
    /// # Errors
    ///
    /// Where that is under way already: the cycle, at `span`.
    pub fn enter_python(&mut self, function: RuleFunctionId, span: Span) -> Result<(), Box<Diagnostic>> {
        if let Some(first) = self.python.active.iter().position(|active| *active == function)
            && let Some(functions) = &self.python.functions
        {
            let cycle = self.python.active[first..].iter().chain([&function]);
            let names: Vec<&str> = cycle.map(|function| functions.name(*function)).collect();
            let message = format!("`{}` calls itself by way of rules: {}", names[0], names.join(" -> "));
            let diagnostic = Diagnostic::error(codes::RECURSION, span, message);
            let diagnostic = diagnostic.expected("calls whose depth is known at compile time");
            return Err(Box::new(diagnostic.hint("write it as a loop")));
        }
        self.python.active.push(function);
        self.python.nesting += 1;
        Ok(())
    }

    /// Ends it.
    pub fn leave_python(&mut self) {
        self.python.active.pop();
        self.python.nesting -= 1;
    }
}

impl TypingContext<'_> {
    /// What a function of Python code gives for the arguments.
    pub(crate) fn python(&mut self, function: RuleFunctionId) -> TypingAnswer {
        let Some(functions) = self.uses.python.functions.clone() else {
            return TypingAnswer::No("functions of Python code are not typed here".to_owned());
        };
        let arguments: SmallVec<[Type; 3]> = self.arguments.iter().map(|argument| argument.ty).collect();
        let result = self.uses.enter_python(function, self.span).and_then(|()| {
            let result = functions.result(self.types, self.uses, function, &arguments, self.span);
            self.uses.leave_python();
            result
        });
        match result {
            Ok(result) => TypingAnswer::Signature(Signature::new(&arguments, result)),
            Err(diagnostic) => {
                self.uses.python.wrong = Some(diagnostic.clone());
                TypingAnswer::Error(diagnostic)
            }
        }
    }
}

impl LowerContext<'_, '_> {
    /// Calls a function of Python code.
    pub(crate) fn call_python(
        &mut self,
        function: RuleFunctionId,
        signature: &Signature,
        operands: &[Operand],
    ) -> Result<Operand, LowerError> {
        let Some(code) = self.python.as_deref_mut() else {
            return Err(LowerError::new("functions of Python code are not emitted here"));
        };
        let module = self.builder.module();
        let emitted = code.emit(module, self.uses, function, &signature.parameters, self.span)?;
        let mut values: SmallVec<[IrValue; 8]> =
            operands.iter().flat_map(|operand| operand.values.iter().copied()).collect();
        for (ty, value) in &emitted.defaults {
            values.extend(self.constant(*ty, value)?.values);
        }
        Ok(self.call_emitted(emitted.function, emitted.fails, emitted.result, &values))
    }

    /// Calls a function of the module that gives a value of a type; where it fails, after that a status of i32: 0, or the
    /// number of the error site plus one.
    pub fn call_emitted(&mut self, function: FunctionId, fails: bool, result: Type, values: &[IrValue]) -> Operand {
        let mut results = self.builder.call_function(function, values);
        if fails && let Some(status) = results.pop() {
            let (failed, proceed) = (self.builder.create_cold_block(), self.builder.create_block());
            let succeeded = self.builder.integer_compare_constant(IntegerCondition::Equal, status, 0);
            self.builder.branch(succeeded, proceed, failed);
            self.builder.switch_to(failed);
            let one = self.builder.integer_constant(Representation::I32, 1);
            let site = self.builder.binary(BinaryOperation::IntegerSubtract, status, one);
            self.propagate(site);
            self.builder.switch_to(proceed);
        }
        let result = Operand::new(result, &results);
        self.own(&result);
        result
    }
}

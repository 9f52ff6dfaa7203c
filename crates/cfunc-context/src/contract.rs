//! What rules that emit IR are held to, checked where each of them returns.
//!
//! A rule gives what its signature says, component by component; it leaves one block open, the current one, and fills
//! every other that it jumps to; it does not end the function; and it asks other rules to a limited depth. Whatever it
//! does else is found by the verifier of the IR.

use cfunc_models::Type;

use crate::{LowerContext, LowerError, Operand, Registry, Resolution, RuleId};

/// How deep rules may ask each other. Each level takes stack; no type or operation needs as many.
pub(crate) const MAXIMUM_RULE_DEPTH: u32 = 100;

impl Registry {
    /// A rule and who registered it, as diagnostics say it.
    pub fn describe_rule(&self, rule: RuleId) -> String {
        let info = self.rule(rule);
        format!("the rule `{}` of the extension `{}`", info.name, info.extension.name)
    }
}

impl LowerContext<'_, '_> {
    /// Emits an operation that was resolved, on operands of its signature's types.
    ///
    /// # Errors
    ///
    /// Where the rule fails, or does not hold to its contract.
    pub fn apply(&mut self, resolution: &Resolution, operands: &[Operand]) -> Result<Operand, LowerError> {
        let (rule, signature) = (resolution.lowering, &resolution.signature);
        let implementation = self.context.registry().lowering(rule);
        self.emit_value(rule, signature.result, |rules| implementation(rules, signature, operands))
    }

    /// Runs a rule that gives a value of a type.
    pub(crate) fn emit_value(
        &mut self,
        rule: RuleId,
        ty: Type,
        emit: impl FnOnce(&mut Self) -> Result<Operand, LowerError>,
    ) -> Result<Operand, LowerError> {
        let operand = self.within_rule(rule, emit)?;
        self.check_result(&operand, ty).map_err(|error| error.of(rule))?;
        Ok(operand)
    }

    /// Runs a rule: what it asks for is recorded as left to other rules, and its panic as its own.
    ///
    /// # Errors
    ///
    /// Where the rule fails, leaves the function half built, or rules ask each other without an end.
    pub fn within_rule<T>(
        &mut self,
        rule: RuleId,
        emit: impl FnOnce(&mut Self) -> Result<T, LowerError>,
    ) -> Result<T, LowerError> {
        let Some(outer) = self.uses.enter(rule) else {
            return Err(LowerError::new("rules ask each other without an end").of(rule));
        };
        let checkpoint = self.builder.checkpoint();
        let first = self.builder.function().instructions.len();
        let was_in_rule = std::mem::replace(&mut self.in_rule, true);
        let result = emit(self);
        self.in_rule = was_in_rule;
        self.uses.leave(outer);
        let function = self.builder.function();
        self.uses.trace(rule, self.span, &function.name, first..function.instructions.len());
        let result = result.map_err(|error| error.of(rule))?;
        self.builder.check_since(checkpoint).map_err(|misuse| LowerError::new(misuse.to_string()).of(rule))?;
        Ok(result)
    }

    fn check_result(&self, operand: &Operand, ty: Type) -> Result<(), LowerError> {
        if operand.ty != ty {
            let (expected, found) = (self.types.name(ty), self.types.name(operand.ty));
            return Err(LowerError::new(format!("it gives a value of type {found} where it is typed {expected}")));
        }
        let components = self.types.components(ty);
        if operand.values.len() != components.len() {
            let (name, expected, found) = (self.types.name(ty), components.len(), operand.values.len());
            let message = format!("it gives {found} components where a value of type {name} has {expected}");
            return Err(LowerError::new(message));
        }
        for (position, (value, expected)) in operand.values.iter().zip(components).enumerate() {
            let found = self.builder.representation(*value);
            if found != expected {
                let name = self.types.name(ty);
                let message = format!("component {position} of its {name} is {found}, not {expected}");
                return Err(LowerError::new(message));
            }
        }
        Ok(())
    }
}

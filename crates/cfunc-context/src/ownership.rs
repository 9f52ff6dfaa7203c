//! Ownership: values of pointer types that somebody must release.
//!
//! A type of one pointer may have two rules: how a value is copied, so that it has one owner more, and how an owner lets
//! go of it. Everything else follows from three sentences, and no other rule emits clean-up. Values are *borrowed* for
//! the statement they are used in. What outlives the statement (a local, the result of several paths, a state, an
//! output) *owns* its value: it moves one that the statement made, and copies one that is borrowed. A rule that makes a
//! value hands it over with [`LowerContext::own`]; it is released at the end of the statement unless it was moved.
//!
//! Owned values are IR variables, which are NULL on paths that did not set them. Every exit, that of errors included,
//! releases those that are not NULL, so it does not matter how far a statement came.

use std::sync::Arc;

use cfunc_ir::{BinaryOperation, IntegerCondition, Value as IrValue, Variable};
use cfunc_models::{DataModel, Representation, Type, TypeConstructor, TypeTable};
use smallvec::SmallVec;

use crate::{LowerContext, LowerError, Operand, Registrar, RegistrationError, Registry, RuleId};

/// Emits IR that gives a value one more owner: another pointer, or the same with a count that went up.
pub type CopyRule = Arc<dyn Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<Operand, LowerError> + Send + Sync>;

/// Emits IR by which one owner lets go of a value. The value is not NULL, and nothing in it may fail.
pub type ReleaseRule = Arc<dyn Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<(), LowerError> + Send + Sync>;

/// The rules of a family of pointer types whose values are owned.
#[derive(Clone)]
pub struct Ownership {
    /// How a value gets one more owner.
    pub copy: CopyRule,
    /// The rule that says so.
    pub copy_rule: RuleId,
    /// How an owner lets go.
    pub release: ReleaseRule,
    /// The rule that says so.
    pub release_rule: RuleId,
}

/// A component of a type whose value is owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedComponent {
    /// Its position among the IR values of the type.
    pub index: usize,
    /// The pointer type with the hooks.
    pub ty: Type,
}

impl Registrar<'_> {
    /// Says how values of a family of pointer types are copied and released. Locals, paths that meet, states and outputs
    /// then own what they hold; the module's documentation has the rules.
    ///
    /// The type's model is one pointer, which the build checks, as it does that a family has one pair of rules. Both rules
    /// or none can be left out of a context; without them the type is a plain pointer. Neither rule is ever asked with NULL. `copy` may fail; `release` may not: a guard
    /// in it is an error of the extension when a node is compiled that needs it. In a cell of the ABI the pointer that
    /// the cell holds is owned by the node: the host sets it to NULL before START, and STOP releases it.
    pub fn ownership(
        &mut self,
        constructor: TypeConstructor,
        copy: impl Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<Operand, LowerError> + Send + Sync + 'static,
        release: impl Fn(&mut LowerContext<'_, '_>, &Operand) -> Result<(), LowerError> + Send + Sync + 'static,
    ) {
        let name = self.types.constructor_name(constructor).to_owned();
        if let Some(first) = self.registry.ownerships.get(&constructor).map(|hooks| hooks.copy_rule) {
            return self.refuse_duplicate(first, format!("copy({name})"));
        }
        let (copy_rule, release_rule) =
            match (self.new_rule(format!("copy({name})")), self.new_rule(format!("release({name})"))) {
                (Some(copy), Some(release)) => (copy, release),
                (None, None) => return,
                (Some(_), None) | (None, Some(_)) => return self.refuse(RegistrationError::HalfOwnership(name)),
            };
        let hooks = Ownership { copy: Arc::new(copy), copy_rule, release: Arc::new(release), release_rule };
        self.registry.ownerships.insert(constructor, hooks);
    }
}

impl Registry {
    /// The hooks of a type, where its values are owned.
    pub fn ownership(&self, types: &TypeTable, ty: Type) -> Option<&Ownership> {
        if self.ownerships.is_empty() {
            return None;
        }
        let definition = types.definition(ty);
        match definition.model {
            DataModel::Scalar(Representation::Pointer) => self.ownerships.get(&definition.constructor),
            _ => None,
        }
    }

    /// The components of a type whose values are owned, in order.
    pub fn owned_components(&self, types: &TypeTable, ty: Type) -> SmallVec<[OwnedComponent; 1]> {
        let mut found = SmallVec::new();
        if !self.ownerships.is_empty() {
            self.push_owned(types, ty, &mut 0, &mut found);
        }
        found
    }

    fn push_owned(&self, types: &TypeTable, ty: Type, position: &mut usize, found: &mut SmallVec<[OwnedComponent; 1]>) {
        match &types.definition(ty).model {
            DataModel::Empty => {}
            DataModel::Scalar(_) => {
                if self.ownership(types, ty).is_some() {
                    found.push(OwnedComponent { index: *position, ty });
                }
                *position += 1;
            }
            DataModel::Fields(fields) => fields.iter().for_each(|field| {
                self.push_owned(types, field.ty, position, found);
            }),
        }
    }
}

/// A value that a statement made, or displaced, and that nobody holds yet.
#[derive(Clone, Copy, Debug)]
struct Temporary {
    value: IrValue,
    variable: Variable,
    ty: Type,
    /// Whether something took it over, on some path at least; there the variable is NULL.
    taken: bool,
}

/// A position among the values that statements made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedMark(usize);

/// The values that the code of one frame owns: a phase of the entry, or a function of its own.
#[derive(Clone, Debug, Default)]
pub struct OwnedValues {
    /// What lasts beyond a statement.
    lasting: Vec<(Variable, Type)>,
    /// Every variable of temporaries, in use or not.
    temporary: Vec<(Variable, Type)>,
    /// Those of `temporary` that are NULL again.
    free: Vec<(Variable, Type)>,
    live: Vec<Temporary>,
    /// Those of `live` before this one are not moved: the code that is emitted may run more than once for each of them.
    fixed: usize,
}

impl OwnedValues {
    /// Whether nothing was ever owned.
    pub fn is_empty(&self) -> bool {
        self.lasting.is_empty() && self.temporary.is_empty()
    }

    /// What was made from here on is released by [`LowerContext::release_since`].
    pub fn mark(&self) -> OwnedMark {
        OwnedMark(self.live.len())
    }

    /// A variable that owns what it holds until the frame is left. It is NULL where it was not defined.
    pub fn note_lasting(&mut self, variable: Variable, ty: Type) {
        self.lasting.push((variable, ty));
    }
}

impl LowerContext<'_, '_> {
    /// Hands over a value that the rule made: it is released at the end of the statement, unless something takes it
    /// over. Each call is for one owner, and once for each evaluation: in a loop that the rule itself emits, inside
    /// of a [`LowerContext::scope`]. Of a
    /// type that nobody owns it does nothing. A rule that can fail after it made a value hands it over before.
    pub fn own(&mut self, operand: &Operand) {
        for component in self.context.registry().owned_components(self.types, operand.ty) {
            let value = operand.values[component.index];
            let free = self.owned.free.iter().position(|(_, ty)| *ty == component.ty);
            let variable = match free {
                Some(position) => self.owned.free.swap_remove(position).0,
                None => {
                    let variable = self.builder.declare_variable(Representation::Pointer);
                    self.owned.temporary.push((variable, component.ty));
                    variable
                }
            };
            self.builder.define_variable(variable, value);
            self.owned.live.push(Temporary { value, variable, ty: component.ty, taken: false });
        }
    }

    /// The value with an owner more, which the caller is: what the statement made moves, what is borrowed is copied. For
    /// what keeps it beyond the statement, and releases it then.
    ///
    /// # Errors
    ///
    /// Where the rule that copies fails.
    pub fn take(&mut self, operand: &Operand) -> Result<Operand, LowerError> {
        let mut taken = operand.clone();
        for component in self.context.registry().owned_components(self.types, operand.ty) {
            let value = operand.values[component.index];
            let movable = self.owned.live.iter_mut().skip(self.owned.fixed);
            let found = movable.into_iter().find(|temporary| temporary.value == value && !temporary.taken);
            if let Some(temporary) = found {
                temporary.taken = true;
                let variable = temporary.variable;
                let null = self.builder.zero(Representation::Pointer);
                self.builder.define_variable(variable, null);
                continue;
            }
            taken.values[component.index] = self.copy_component(component.ty, value)?;
        }
        Ok(taken)
    }

    /// Emits a copy of a pointer that may be NULL.
    fn copy_component(&mut self, ty: Type, value: IrValue) -> Result<IrValue, LowerError> {
        if self.builder.integer_constant_of(value) == Some(0) {
            return Ok(value);
        }
        let context = self.context;
        let Some(hooks) = context.registry().ownership(self.types, ty) else { return Ok(value) };
        let result = self.builder.declare_variable(Representation::Pointer);
        let (present, done) = (self.builder.create_block(), self.builder.create_block());
        let is_present = self.builder.integer_compare_constant(IntegerCondition::NotEqual, value, 0);
        self.builder.define_variable(result, value);
        self.builder.branch(is_present, present, done);
        self.builder.switch_to(present);
        self.uses.add(crate::UseKind::Copy, hooks.copy_rule, self.span, &[ty], ty);
        let copy = self.emit_value(hooks.copy_rule, ty, |rules| (hooks.copy)(rules, &Operand::scalar(ty, value)))?;
        self.builder.define_variable(result, copy.value());
        self.builder.jump(done, &[]);
        self.builder.switch_to(done);
        Ok(self.builder.use_variable(result))
    }

    /// Lets go of a value that is owned here; parts that are NULL are left alone.
    ///
    /// # Errors
    ///
    /// Where the rule that releases can fail, which it must not.
    pub fn release(&mut self, operand: &Operand) -> Result<(), LowerError> {
        for component in self.context.registry().owned_components(self.types, operand.ty) {
            self.release_component(component.ty, operand.values[component.index])?;
        }
        Ok(())
    }

    fn release_component(&mut self, ty: Type, value: IrValue) -> Result<(), LowerError> {
        if self.builder.integer_constant_of(value) == Some(0) {
            return Ok(());
        }
        let context = self.context;
        let Some(hooks) = context.registry().ownership(self.types, ty) else { return Ok(()) };
        let (present, done) = (self.builder.create_block(), self.builder.create_block());
        let is_present = self.builder.integer_compare_constant(IntegerCondition::NotEqual, value, 0);
        self.builder.branch(is_present, present, done);
        self.builder.switch_to(present);
        let mut nowhere = crate::ErrorTarget::default();
        let outer = std::mem::replace(self.error_target, nowhere);
        self.uses.add(crate::UseKind::Release, hooks.release_rule, self.span, &[ty], Type::NONE);
        let released =
            self.within_rule(hooks.release_rule, |rules| (hooks.release)(rules, &Operand::scalar(ty, value)));
        nowhere = std::mem::replace(self.error_target, outer);
        released?;
        if nowhere.exit().is_some() {
            let message = format!("it releases a value of type {} and can fail", self.types.name(ty));
            return Err(LowerError::new(message).of(hooks.release_rule));
        }
        self.builder.jump(done, &[]);
        self.builder.switch_to(done);
        Ok(())
    }

    /// Emits what releases at its end the values that it made: a part that runs any number of times for each time that
    /// the rule's operation does, such as the body of a loop, the test of it included. What was made before it is
    /// borrowed inside. A value that is to outlast it is kept with [`LowerContext::take`], as one in memory of the
    /// rule's own.
    ///
    /// # Errors
    ///
    /// Where the body fails.
    pub fn scope<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T, LowerError>) -> Result<T, LowerError> {
        let mark = self.owned.mark();
        let outer = std::mem::replace(&mut self.owned.fixed, mark.0);
        let result = body(self);
        self.owned.fixed = outer;
        let result = result?;
        self.release_since(mark)?;
        self.forget_since(mark);
        Ok(result)
    }

    /// Emits a loop of so many rounds, an i64: none where it is not positive. The body is given the number of the round,
    /// from 0, and is a [`LowerContext::scope`]; what it carries from round to round are variables of the builder.
    ///
    /// # Errors
    ///
    /// Where the body fails.
    pub fn repeat(
        &mut self,
        count: IrValue,
        body: impl FnOnce(&mut Self, IrValue) -> Result<(), LowerError>,
    ) -> Result<(), LowerError> {
        let counter = self.builder.declare_variable(Representation::I64);
        let zero = self.builder.int64(0);
        self.builder.define_variable(counter, zero);
        let (head, round, done) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.jump(head, &[]);
        self.builder.switch_to(head);
        let index = self.builder.use_variable(counter);
        let goes_on = self.builder.integer_compare(IntegerCondition::SignedLess, index, count);
        self.builder.branch(goes_on, round, done);
        self.builder.switch_to(round);
        self.scope(|rules| body(rules, index))?;
        let one = self.builder.int64(1);
        let next = self.builder.binary(BinaryOperation::IntegerAdd, index, one);
        self.builder.define_variable(counter, next);
        self.builder.jump(head, &[]);
        self.builder.switch_to(done);
        Ok(())
    }

    /// Emits the release of what was made since a mark, as far as nothing took it over. Where several paths go on
    /// without each other, each emits it; the last one then forgets them with [`LowerContext::forget_since`].
    ///
    /// # Errors
    ///
    /// As [`LowerContext::release`].
    pub fn release_since(&mut self, mark: OwnedMark) -> Result<(), LowerError> {
        for position in mark.0..self.owned.live.len() {
            let Temporary { variable, ty, .. } = self.owned.live[position];
            self.release_variable(variable, ty)?;
        }
        Ok(())
    }

    /// Forgets what was made since a mark, after it was released on every path.
    pub fn forget_since(&mut self, mark: OwnedMark) {
        let forgotten = self.owned.live.drain(mark.0..);
        self.owned.free.extend(forgotten.map(|temporary| (temporary.variable, temporary.ty)));
    }

    /// Emits the release of everything that the frame owns: at an exit.
    ///
    /// # Errors
    ///
    /// As [`LowerContext::release`].
    pub fn release_all(&mut self) -> Result<(), LowerError> {
        self.release_temporaries()?;
        for position in 0..self.owned.lasting.len() {
            let (variable, ty) = self.owned.lasting[position];
            self.release_variable(variable, ty)?;
        }
        Ok(())
    }

    /// Emits the release of whatever statements made and did not come to the end with: where an error is caught.
    ///
    /// # Errors
    ///
    /// As [`LowerContext::release`].
    pub fn release_temporaries(&mut self) -> Result<(), LowerError> {
        for position in 0..self.owned.temporary.len() {
            let (variable, ty) = self.owned.temporary[position];
            self.release_variable(variable, ty)?;
        }
        Ok(())
    }

    /// Releases what a variable holds, which is NULL then.
    fn release_variable(&mut self, variable: Variable, ty: Type) -> Result<(), LowerError> {
        let value = self.builder.use_variable(variable);
        self.release_component(ty, value)?;
        if self.builder.integer_constant_of(value) != Some(0) {
            let null = self.builder.zero(Representation::Pointer);
            self.builder.define_variable(variable, null);
        }
        Ok(())
    }
}

//! Which rules a compilation used: recorded as it goes, without a memory allocation each.

use std::ops::Range;

use cfunc_models::{Span, Type};

use crate::contract::MAXIMUM_RULE_DEPTH;
use crate::{CallableId, RuleId};

/// What a rule was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UseKind {
    /// An operation or call: typed by one rule, lowered by another.
    Operation,
    /// A conversion of a value from one type to another.
    Cast,
    /// A constant of a type.
    Constant,
    /// The type of a value that is known at compile time.
    Typeof,
    /// The one type of two where paths meet.
    Unify,
    /// A value known at compile time as one of a type.
    Convert,
    /// An operation or call on values known at compile time.
    Fold,
    /// A copy of an owned value.
    Copy,
    /// The release of an owned value.
    Release,
    /// A dynamic value as an argument of a type.
    Unbox,
    /// A result of a type as a dynamic value.
    Box,
}

impl UseKind {
    /// As dumps say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operation => "operation",
            Self::Cast => "cast",
            Self::Constant => "constant",
            Self::Typeof => "typeof",
            Self::Unify => "unify",
            Self::Convert => "convert",
            Self::Fold => "fold",
            Self::Copy => "copy",
            Self::Release => "release",
            Self::Unbox => "unbox",
            Self::Box => "box",
        }
    }
}

/// One use of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleUse {
    /// What for.
    pub kind: UseKind,
    /// What was called, of operations and folds.
    pub callable: Option<CallableId>,
    /// The rule that typed an operation; of all others, the rule.
    pub typing: RuleId,
    /// The rule that lowers an operation; of all others, the rule.
    pub lowering: RuleId,
    /// Where in the source.
    pub span: Span,
    /// Where its types start in the list of all; they end where those of the next start.
    first_type: u32,
}

/// Uses of rules, in the order in which they were recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleUses {
    uses: Vec<RuleUse>,
    /// Of each use, the operands' types, then the result's.
    types: Vec<Type>,
    provisional: Vec<RuleId>,
    /// The innermost rule that is being asked, and how many are.
    running: Option<RuleId>,
    depth: u32,
    pub(crate) python: crate::python::PythonState,
    /// What rules emitted, where that is traced.
    emitted: Option<Vec<Emitted>>,
    /// What of the host is used, each where it was first.
    symbols: Vec<SymbolUse>,
}

/// A function or object of the host that is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolUse {
    /// The symbol of the function, or the name of the object.
    pub symbol: String,
    /// Whether it is an object.
    pub is_object: bool,
    /// Where in the source.
    pub span: Span,
}

/// The instructions that a rule emitted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Emitted {
    rule: RuleId,
    span: Span,
    function: String,
    instructions: Range<usize>,
}

/// Who was asked before a rule, to go back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OuterRule(Option<RuleId>);

impl RuleUses {
    /// Begins to ask a rule; `None` where too many rules ask each other.
    pub(crate) fn enter(&mut self, rule: RuleId) -> Option<OuterRule> {
        if self.depth >= MAXIMUM_RULE_DEPTH {
            return None;
        }
        self.depth += 1;
        Some(OuterRule(self.running.replace(rule)))
    }

    /// Ends to ask the rule that was begun with last; whether no rule is being asked any more.
    pub(crate) fn leave(&mut self, outer: OuterRule) -> bool {
        self.depth -= 1;
        self.running = outer.0;
        outer.0.is_none()
    }

    /// An empty record as deep in rules as another.
    pub(crate) fn at_depth(other: &Self) -> Self {
        Self { depth: other.depth, ..Self::default() }
    }

    /// A record that knows besides which rule emitted an instruction.
    pub fn tracing() -> Self {
        Self { emitted: Some(Vec::new()), ..Self::default() }
    }

    /// Records that something of the host is used.
    pub(crate) fn note_symbol(&mut self, symbol: &str, is_object: bool, span: Span) {
        if !self.symbols.iter().any(|known| known.is_object == is_object && known.symbol == symbol) {
            self.symbols.push(SymbolUse { symbol: symbol.to_owned(), is_object, span });
        }
    }

    /// The functions and objects of the host that emitted code uses, as far as [`LowerContext`](crate::LowerContext) was
    /// told: each once, where it was used first.
    pub fn symbols(&self) -> &[SymbolUse] {
        &self.symbols
    }

    /// Traces what a rule emitted; those that it asked were traced before.
    pub(crate) fn trace(&mut self, rule: RuleId, span: Span, function: &str, instructions: Range<usize>) {
        if let Some(emitted) = &mut self.emitted {
            emitted.push(Emitted { rule, span, function: function.to_owned(), instructions });
        }
    }

    /// The innermost rule that emitted an instruction, by the instruction's position in a function, and where the
    /// rule was used.
    pub fn emitter(&self, function: &str, instruction: usize) -> Option<(RuleId, Span)> {
        let mut emitted = self.emitted.iter().flatten();
        let found = emitted.find(|by| by.function == function && by.instructions.contains(&instruction));
        found.map(|emitted| (emitted.rule, emitted.span))
    }

    /// The innermost rule that is being asked: after a panic, the one that panicked.
    pub fn running(&self) -> Option<RuleId> {
        self.running
    }

    /// Records the use of one rule.
    pub fn add(&mut self, kind: UseKind, rule: RuleId, span: Span, operands: &[Type], result: Type) {
        self.add_call(kind, None, (rule, rule), span, operands, result);
    }

    /// Records the use of the rules of a callable: an operation by the rules that type and lower it, or a fold.
    pub fn add_call(
        &mut self,
        kind: UseKind,
        callable: Option<CallableId>,
        (typing, lowering): (RuleId, RuleId),
        span: Span,
        operands: &[Type],
        result: Type,
    ) {
        let first_type = u32::try_from(self.types.len()).unwrap_or(u32::MAX);
        self.types.extend_from_slice(operands);
        self.types.push(result);
        self.uses.push(RuleUse { kind, callable, typing, lowering, span, first_type });
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.uses.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    /// Gives up all but the first: their rules were asked, and what they said is not used.
    pub fn give_up(&mut self, count: usize) {
        if let Some(dropped) = self.uses.get(count) {
            self.types.truncate(dropped.first_type as usize);
            let dropped = self.uses.drain(count..).flat_map(|given_up| [given_up.typing, given_up.lowering]);
            self.provisional.extend(dropped);
        }
    }

    /// Takes out all but the first.
    pub fn split_off(&mut self, count: usize) -> Self {
        let mut rest = Self::default();
        for (used, operands, result) in self.iter().skip(count) {
            rest.add_call(used.kind, used.callable, (used.typing, used.lowering), used.span, operands, result);
        }
        if let Some(first) = self.uses.get(count) {
            self.types.truncate(first.first_type as usize);
            self.uses.truncate(count);
        }
        rest
    }

    /// Adds those of another record at the end.
    pub fn append(&mut self, other: &Self) {
        for (used, operands, result) in other.iter() {
            self.add_call(used.kind, used.callable, (used.typing, used.lowering), used.span, operands, result);
        }
        self.provisional.extend_from_slice(&other.provisional);
    }

    /// Records that a rule was asked, and that what it said may not be used.
    pub fn ask(&mut self, rule: RuleId) {
        self.provisional.push(rule);
    }

    /// The rules that were asked, where what they said may not be used: by typing rules, and for types that a loop was
    /// assumed to have before it turned out to have others. Some are there several times.
    pub fn provisional(&self) -> &[RuleId] {
        &self.provisional
    }

    /// Each use, with the types of its operands and its result.
    pub fn iter(&self) -> impl Iterator<Item = (&RuleUse, &[Type], Type)> {
        self.uses.iter().enumerate().map(|(index, recorded)| {
            let end = self.uses.get(index + 1).map_or(self.types.len(), |next| next.first_type as usize);
            let types = &self.types[recorded.first_type as usize..end];
            let (result, operands) = types.split_last().map_or((Type::NONE, types), |(result, rest)| (*result, rest));
            (recorded, operands, result)
        })
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::{Span, Type};

    use super::{RuleUses, UseKind};
    use crate::RuleId;

    #[test]
    fn types_stay_with_their_use() {
        let mut uses = RuleUses::default();
        uses.add(UseKind::Typeof, RuleId(0), Span::new(0, 1), &[], Type::INT64);
        uses.add(UseKind::Unify, RuleId(1), Span::new(1, 2), &[Type::INT64, Type::FLOAT64], Type::FLOAT64);
        uses.add(UseKind::Convert, RuleId(2), Span::new(2, 3), &[], Type::BOOLEAN);
        let types = |uses: &RuleUses| -> Vec<(Vec<Type>, Type)> {
            uses.iter().map(|(_, operands, result)| (operands.to_vec(), result)).collect()
        };
        let first = (vec![], Type::INT64);
        let second = (vec![Type::INT64, Type::FLOAT64], Type::FLOAT64);
        assert_eq!(types(&uses), [first.clone(), second.clone(), (vec![], Type::BOOLEAN)]);
        uses.give_up(2);
        assert_eq!(types(&uses), [first.clone(), second.clone()]);
        let mut others = uses.split_off(1);
        assert_eq!((types(&uses), types(&others)), (vec![first.clone()], vec![second.clone()]));
        uses.append(&others);
        others.give_up(5);
        assert_eq!((types(&uses), others.len()), (vec![first.clone(), second], 1));
        uses.give_up(1);
        assert_eq!(uses.provisional(), [RuleId(2), RuleId(2), RuleId(1), RuleId(1)]);
        uses.add(UseKind::Fold, RuleId(3), Span::new(3, 4), &[], Type::NONE);
        assert_eq!(types(&uses), [first, (vec![], Type::NONE)]);
    }
}

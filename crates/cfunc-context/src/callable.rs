//! What rules are registered for: operations of the language, and functions by name.

use cfunc_syntax::ast::{BinaryOperator, CompareOperator, UnaryOperator};

/// An operation of the language that typing and lowering rules give a meaning to, for their types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// `-x`, `+x`, `~x`. (`not x` is the negation of `Truth`.)
    Unary(UnaryOperator),
    /// `x + y` …; augmented assignment too.
    Binary(BinaryOperator),
    /// `x < y` … (`in` is `Contains`.)
    Compare(CompareOperator),
    /// Whether a value counts as true: one operand, result bool.
    Truth,
    /// `x in y`: operands y, x.
    Contains,
    /// `x[i]`: operands x, i.
    GetItem,
    /// `x[i] = v`: operands x, i, v.
    SetItem,
    /// `del x[i]`: operands x, i.
    DeleteItem,
    /// `f(x, …)` of a value: operands f, x …
    Call,
    /// `len(x)`.
    Length,
    /// The state of an iteration over x.
    IterationStart,
    /// Whether an iteration has a next element: operand the state; result bool.
    IterationHasNext,
    /// The next element: operand the state.
    IterationValue,
    /// The state after the next element: operand the state, result of its type.
    IterationAdvance,
    /// The state of an iteration over x from its end, for `reversed(x)`; has the other operations of iterations.
    ReversedIterationStart,
    /// `(x, y)`: any number of operands.
    MakeTuple,
    /// `[x, y]`: any number of operands.
    MakeList,
    /// `{x: y}`: any number of pairs of operands, key and value.
    MakeDict,
    /// `lower:upper:step` of a subscript; None for what is left out.
    MakeSlice,
    /// `a, b = x`: operands x and the constant count of targets; the result has as many elements, which `GetItem` of a
    /// constant gives.
    Unpack,
    /// `a, *b, c = x`: operands x and the constant counts of targets before and after the starred one; the result has
    /// an element for each target.
    UnpackStarred,
    /// Whether what is matched equals the value of a `case`: operands both.
    MatchValue,
    /// What `print` writes of x: calls the functions of the runtime that take its parts; result None.
    Print,
    /// What an assignment to a state or output of a type whose values are places does: operands the place, and what is
    /// assigned, of that type or of the one that its values are kept in; result None.
    CopyInto,
}

/// An operation or a function, by its position in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallableId(pub(crate) u32);

const UNARY: u32 = 0;
const BINARY: u32 = 4;
const COMPARE: u32 = 17;
const OTHER: u32 = 27;

impl Operation {
    /// Every operation, in the order of their ids.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::Truth,
            Self::Contains,
            Self::GetItem,
            Self::SetItem,
            Self::DeleteItem,
            Self::Call,
            Self::Length,
            Self::IterationStart,
            Self::IterationHasNext,
            Self::IterationValue,
            Self::IterationAdvance,
            Self::ReversedIterationStart,
            Self::MakeTuple,
            Self::MakeSlice,
            Self::Unpack,
            Self::UnpackStarred,
            Self::MatchValue,
            Self::Print,
            Self::MakeList,
            Self::MakeDict,
            Self::CopyInto,
        ];
        let unary = UnaryOperator::ALL.iter().copied().map(Self::Unary);
        let binary = BinaryOperator::ALL.iter().copied().map(Self::Binary);
        let compare = CompareOperator::ALL.iter().copied().map(Self::Compare);
        unary.chain(binary).chain(compare).chain(others)
    }

    /// The operation's id.
    pub const fn id(self) -> CallableId {
        CallableId(match self {
            Self::Unary(operator) => UNARY + operator as u32,
            Self::Binary(operator) => BINARY + operator as u32,
            Self::Compare(operator) => COMPARE + operator as u32,
            Self::Truth => OTHER,
            Self::Contains => OTHER + 1,
            Self::GetItem => OTHER + 2,
            Self::SetItem => OTHER + 3,
            Self::DeleteItem => OTHER + 4,
            Self::Call => OTHER + 5,
            Self::Length => OTHER + 6,
            Self::IterationStart => OTHER + 7,
            Self::IterationHasNext => OTHER + 8,
            Self::IterationValue => OTHER + 9,
            Self::IterationAdvance => OTHER + 10,
            Self::ReversedIterationStart => OTHER + 11,
            Self::MakeTuple => OTHER + 12,
            Self::MakeSlice => OTHER + 13,
            Self::Unpack => OTHER + 14,
            Self::UnpackStarred => OTHER + 15,
            Self::MatchValue => OTHER + 16,
            Self::Print => OTHER + 17,
            Self::MakeList => OTHER + 18,
            Self::MakeDict => OTHER + 19,
            Self::CopyInto => OTHER + 20,
        })
    }

    /// As a user would say it: the operator, or a word for what has none.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unary(operator) => operator.text(),
            Self::Binary(operator) => operator.text(),
            Self::Compare(operator) => operator.text(),
            Self::Truth => "truth value",
            Self::Contains => "in",
            Self::GetItem => "subscript",
            Self::SetItem => "subscript assignment",
            Self::DeleteItem => "subscript deletion",
            Self::Call => "call",
            Self::Length => "len",
            Self::IterationStart => "iteration",
            Self::IterationHasNext => "iteration test",
            Self::IterationValue => "iteration value",
            Self::IterationAdvance => "iteration step",
            Self::ReversedIterationStart => "iteration from the end",
            Self::MakeTuple => "tuple display",
            Self::MakeSlice => "slice",
            Self::Unpack => "unpacking",
            Self::UnpackStarred => "unpacking with `*`",
            Self::MatchValue => "case",
            Self::Print => "printing",
            Self::MakeList => "list display",
            Self::MakeDict => "dict display",
            Self::CopyInto => "assignment of what a place holds",
        }
    }
}

impl From<Operation> for CallableId {
    fn from(operation: Operation) -> Self {
        operation.id()
    }
}

#[cfg(test)]
mod tests {
    use super::Operation;

    #[test]
    fn ids_are_dense() {
        let ids: Vec<u32> = Operation::all().map(|operation| operation.id().0).collect();
        assert_eq!(ids, (0u32..).take(ids.len()).collect::<Vec<_>>());
    }
}

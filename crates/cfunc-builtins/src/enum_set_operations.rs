//! Operators of sets of members of an enumeration, their size, truth, iteration and `print`.

use cfunc_context::{CallableId, LowerContext, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::{BinaryOperation, Block, ConvertOperation, IntegerCondition, Value as IrValue};
use cfunc_models::{CellForm, DataModel, Field, Representation, RuntimeFunction, Type, TypeTable};
use cfunc_syntax::ast::{BinaryOperator, CompareOperator};

use crate::emit::{both, call};
use crate::enum_sets::{NAME, SetFamily, bits_constant, without};
use crate::print::{print_text, write};
use crate::tuple::NOT_MINE;

/// The operators that give a set of two, with the methods of the same meaning.
pub(crate) const OPERATORS: [(BinaryOperator, &str); 4] = [
    (BinaryOperator::BitOr, "union"),
    (BinaryOperator::BitAnd, "intersection"),
    (BinaryOperator::Subtract, "difference"),
    (BinaryOperator::BitXor, "symmetric_difference"),
];

const COMPARISONS: [CompareOperator; 6] = [
    CompareOperator::Equal,
    CompareOperator::NotEqual,
    CompareOperator::LessOrEqual,
    CompareOperator::Less,
    CompareOperator::GreaterOrEqual,
    CompareOperator::Greater,
];

pub(crate) fn register(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let family = || TypeSpec::Constructor(sets.constructor);
    for (operator, name) in OPERATORS {
        let method = registrar.method(sets.constructor, name);
        for callable in [Operation::Binary(operator).id(), method] {
            type_pair(registrar, sets, callable, |set| set);
            registrar.lower_builtin(callable, [family(), family()], move |b, signature, operands| {
                let result = combine(b, operator, operands[0].value(), operands[1].value());
                Ok(Operand::scalar(signature.result, result))
            });
        }
    }
    for operator in COMPARISONS {
        let callable = Operation::Compare(operator).id();
        type_pair(registrar, sets, callable, |_set| Type::BOOLEAN);
        registrar.lower_builtin(callable, [family(), family()], move |b, signature, operands| {
            let result = compare(b, operator, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, result))
        });
    }
    for (name, operator) in [("contains_all", Some(CompareOperator::GreaterOrEqual)), ("contains_any", None)] {
        let method = registrar.method(sets.constructor, name);
        type_pair(registrar, sets, method, |_set| Type::BOOLEAN);
        registrar.lower_builtin(method, [family(), family()], move |b, signature, operands| {
            let (left, right) = (operands[0].value(), operands[1].value());
            let result = match operator {
                Some(operator) => compare(b, operator, left, right),
                None => {
                    let common = b.binary(BinaryOperation::BitAnd, left, right);
                    b.integer_compare_constant(IntegerCondition::NotEqual, common, 0)
                }
            };
            Ok(Operand::scalar(signature.result, result))
        });
    }
    register_size(registrar, sets);
    register_iteration(registrar, sets);
    register_print(registrar, sets);
}

/// Types an operation or method on two sets of one type.
fn type_pair(registrar: &mut Registrar<'_>, sets: SetFamily, callable: CallableId, result: fn(Type) -> Type) {
    registrar.type_callable(callable, move |call| {
        let [left, right] = call.arguments else {
            let of_sets = call.arguments.first().is_some_and(|first| sets.member(call.types, first.ty).is_some());
            return if of_sets { TypingAnswer::No("it takes one set".to_owned()) } else { NOT_MINE };
        };
        match [left, right].map(|operand| sets.member(call.types, operand.ty)) {
            [Some(_), Some(_)] if left.ty == right.ty => {
                TypingAnswer::Signature(Signature::new(&[left.ty; 2], result(left.ty)))
            }
            [None, None] => NOT_MINE,
            _ => {
                let (left, right) = (call.types.name(left.ty), call.types.name(right.ty));
                TypingAnswer::No(format!("{left} and {right} are not sets of one enum"))
            }
        }
    });
}

fn combine(b: &mut LowerContext<'_, '_>, operator: BinaryOperator, left: IrValue, right: IrValue) -> IrValue {
    match operator {
        BinaryOperator::BitOr => b.binary(BinaryOperation::BitOr, left, right),
        BinaryOperator::BitAnd => b.binary(BinaryOperation::BitAnd, left, right),
        BinaryOperator::BitXor => b.binary(BinaryOperation::BitXor, left, right),
        _ => without(b, left, right),
    }
}

/// Equality, and what is a part of what.
fn compare(b: &mut LowerContext<'_, '_>, operator: CompareOperator, left: IrValue, right: IrValue) -> IrValue {
    let is_part = |b: &mut LowerContext<'_, '_>, part: IrValue, whole: IrValue| {
        let rest = without(b, part, whole);
        b.integer_compare_constant(IntegerCondition::Equal, rest, 0)
    };
    let differs = |b: &mut LowerContext<'_, '_>| b.integer_compare(IntegerCondition::NotEqual, left, right);
    match operator {
        CompareOperator::NotEqual => differs(b),
        CompareOperator::LessOrEqual => is_part(b, left, right),
        CompareOperator::GreaterOrEqual => is_part(b, right, left),
        CompareOperator::Less | CompareOperator::Greater => {
            let (part, whole) = if operator == CompareOperator::Less { (left, right) } else { (right, left) };
            let (is_part, differs) = (is_part(b, part, whole), differs(b));
            both(b, is_part, differs)
        }
        _ => b.integer_compare(IntegerCondition::Equal, left, right),
    }
}

/// The bits of a set in words of 64, the lowest first; one word where the representation has no more.
fn words(b: &mut LowerContext<'_, '_>, bits: IrValue) -> (IrValue, Option<IrValue>) {
    match b.representation(bits) {
        Representation::I64 => (bits, None),
        Representation::I128 => {
            let half = b.integer_constant(Representation::I128, 64);
            let high = b.binary(BinaryOperation::ShiftRightUnsigned, bits, half);
            let low = b.convert(ConvertOperation::Truncate, bits, Representation::I64);
            (low, Some(b.convert(ConvertOperation::Truncate, high, Representation::I64)))
        }
        _ => (b.convert(ConvertOperation::ZeroExtend, bits, Representation::I64), None),
    }
}

fn register_size(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let family = || [TypeSpec::Constructor(sets.constructor)];
    let truth = registrar.function("bool");
    for (callable, result) in
        [(Operation::Length.id(), Type::INT64), (Operation::Truth.id(), Type::BOOLEAN), (truth, Type::BOOLEAN)]
    {
        registrar.type_callable(callable, move |call| match call.arguments {
            [set] if sets.member(call.types, set.ty).is_some() => {
                TypingAnswer::Signature(Signature::new(&[set.ty], result))
            }
            _ => NOT_MINE,
        });
    }
    registrar.lower_builtin(Operation::Length, family(), |b, signature, operands| {
        let (low, high) = words(b, operands[0].value());
        let mut count = call(b, RuntimeFunction::BitCount, &[low]);
        if let Some(high) = high {
            let more = call(b, RuntimeFunction::BitCount, &[high]);
            count = b.binary(BinaryOperation::IntegerAdd, count, more);
        }
        Ok(Operand::scalar(signature.result, count))
    });
    for callable in [Operation::Truth.id(), truth] {
        registrar.lower_builtin(callable, family(), |b, signature, operands| {
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, operands[0].value(), 0);
            Ok(Operand::scalar(signature.result, some))
        });
    }
}

// Iteration, from the lowest bit on. What is gone through is the set as it was at the start.

fn register_iteration(registrar: &mut Registrar<'_>, sets: SetFamily) {
    const FAMILY: &str = "members of";
    let iterators = registrar.types_mut().define_constructor(FAMILY);
    registrar.transient(iterators);
    crate::iteration::add_iterable(registrar, sets.constructor);
    let set_of = move |types: &TypeTable, state: Type| {
        let definition = types.definition(state);
        (definition.constructor == iterators).then(|| definition.parameters.first().copied()).flatten()
    };
    registrar.type_callable(Operation::IterationStart, move |call| {
        let [set] = call.arguments else { return NOT_MINE };
        let set = set.ty;
        if sets.member(call.types, set).is_none() {
            return NOT_MINE;
        }
        let name = format!("{FAMILY} {}", call.types.name(set));
        let fields = DataModel::Fields([Field { name: "rest".to_owned(), ty: set }].into());
        let state = call.types.apply(iterators, &[set], &name, fields, CellForm::None);
        TypingAnswer::Signature(Signature::new(&[set], state))
    });
    registrar.lower_builtin(
        Operation::IterationStart,
        [TypeSpec::Constructor(sets.constructor)],
        |_b, signature, operands| Ok(Operand::new(signature.result, &operands[0].values)),
    );
    for operation in [Operation::IterationHasNext, Operation::IterationValue, Operation::IterationAdvance] {
        registrar.type_callable(operation, move |call| {
            let [state] = call.arguments else { return NOT_MINE };
            let Some(set) = set_of(call.types, state.ty) else { return NOT_MINE };
            let result = match operation {
                Operation::IterationHasNext => Type::BOOLEAN,
                Operation::IterationAdvance => state.ty,
                _ => sets.member(call.types, set).unwrap_or(Type::OBJECT),
            };
            TypingAnswer::Signature(Signature::new(&[state.ty], result))
        });
    }
    let family = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, family(), |b, signature, operands| {
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, operands[0].values[0], 0);
        Ok(Operand::scalar(signature.result, some))
    });
    registrar.lower_builtin(Operation::IterationValue, family(), |b, signature, operands| {
        let lowest = lowest(b, operands[0].values[0]);
        let representation = b.types.components(signature.result)[0];
        let member = match representation {
            Representation::I64 => lowest,
            narrow => b.convert(ConvertOperation::Truncate, lowest, narrow),
        };
        Ok(Operand::scalar(signature.result, member))
    });
    registrar.lower_builtin(Operation::IterationAdvance, family(), |b, signature, operands| {
        let rest = without_lowest(b, operands[0].values[0]);
        Ok(Operand::new(signature.result, &[rest]))
    });
}

/// The position of the lowest bit of a set that is not empty, in 64 bits.
fn lowest(b: &mut LowerContext<'_, '_>, bits: IrValue) -> IrValue {
    let (low, high) = words(b, bits);
    let in_low = call(b, RuntimeFunction::BitTrailingZeros, &[low]);
    let Some(high) = high else { return in_low };
    let in_high = call(b, RuntimeFunction::BitTrailingZeros, &[high]);
    let half = b.int64(64);
    let in_high = b.binary(BinaryOperation::IntegerAdd, in_high, half);
    let is_low = b.integer_compare_constant(IntegerCondition::NotEqual, low, 0);
    b.select(is_low, in_low, in_high)
}

fn without_lowest(b: &mut LowerContext<'_, '_>, bits: IrValue) -> IrValue {
    let representation = b.representation(bits);
    let one = b.integer_constant(representation, 1);
    let less = b.binary(BinaryOperation::IntegerSubtract, bits, one);
    b.binary(BinaryOperation::BitAnd, bits, less)
}

// Print.

/// `EnumSet(Flag.A, Flag.B)`, `EnumSet(Flag)` of the empty set; bits of no member come last, as integers.
fn register_print(registrar: &mut Registrar<'_>, sets: SetFamily) {
    registrar.type_callable(Operation::Print, move |call| match call.arguments {
        [set] if sets.member(call.types, set.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[set.ty], Type::NONE))
        }
        _ => NOT_MINE,
    });
    registrar.lower_builtin(
        Operation::Print,
        [TypeSpec::Constructor(sets.constructor)],
        move |b, signature, operands| {
            let types = b.types;
            let set = &operands[0];
            let member = sets.member(types, set.ty).unwrap_or(Type::OBJECT);
            let definition = types.definition(member);
            let class = &definition.name;
            print_text(b, &format!("{}(", NAME));
            let (empty, members, done) = (b.create_block(), b.create_block(), b.create_block());
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, set.value(), 0);
            b.branch(some, members, empty);
            b.switch_to(empty);
            print_text(b, class);
            b.jump(done, &[]);
            b.switch_to(members);
            let representation = types.components(set.ty)[0];
            let rest = b.declare_variable(representation);
            b.define_variable(rest, set.value());
            let mut known: Vec<&(String, i64)> = definition.members.iter().collect();
            known.sort_by_key(|(_, position)| *position);
            for (name, position) in known {
                let bit = 1u128.checked_shl(u32::try_from(*position).unwrap_or(u32::MAX)).unwrap_or(0);
                let bit = bits_constant(b, representation, bit);
                let here = b.binary(BinaryOperation::BitAnd, set.value(), bit);
                let here = b.integer_compare_constant(IntegerCondition::NotEqual, here, 0);
                let (shown, next) = (b.create_block(), b.create_block());
                b.branch(here, shown, next);
                b.switch_to(shown);
                print_text(b, &format!("{class}.{name}"));
                let left = b.use_variable(rest);
                let left = without(b, left, bit);
                b.define_variable(rest, left);
                separate(b, left, next);
                b.switch_to(next);
            }
            let (head, shown) = (b.create_block(), b.create_block());
            b.jump(head, &[]);
            b.switch_to(head);
            let left = b.use_variable(rest);
            let more = b.integer_compare_constant(IntegerCondition::NotEqual, left, 0);
            b.branch(more, shown, done);
            b.switch_to(shown);
            let position = lowest(b, left);
            write(b, RuntimeFunction::PrintInteger, &[position]);
            let left = without_lowest(b, left);
            b.define_variable(rest, left);
            separate(b, left, head);
            b.switch_to(done);
            print_text(b, ")");
            Ok(Operand::new(signature.result, &[]))
        },
    );
}

/// Writes what stands between two members where more follow, and goes on.
fn separate(b: &mut LowerContext<'_, '_>, rest: IrValue, next: Block) {
    let comma = b.create_block();
    let more = b.integer_compare_constant(IntegerCondition::NotEqual, rest, 0);
    b.branch(more, comma, next);
    b.switch_to(comma);
    print_text(b, ", ");
    b.jump(next, &[]);
}

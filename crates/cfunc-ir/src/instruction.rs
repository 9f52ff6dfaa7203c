//! Instructions and terminators.

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::{Block, DataId, ExternalId, FunctionId, StackSlot, Value};

macro_rules! operations {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the text form.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

operations! {
    /// Operations of one operand; the result has the operand's representation.
    UnaryOperation {
        /// Two's complement negation, wrapping.
        IntegerNegate = "ineg",
        /// Bitwise complement.
        IntegerNot = "inot",
        /// Changes the sign bit.
        FloatNegate = "fneg",
        /// Clears the sign bit.
        FloatAbsolute = "fabs",
        /// IEEE square root, nan below zero.
        FloatSquareRoot = "fsqrt",
        /// Rounds towards negative infinity.
        FloatFloor = "ffloor",
        /// Rounds towards positive infinity.
        FloatCeil = "fceil",
        /// Rounds towards zero.
        FloatTruncate = "ftrunc",
        /// Rounds to the nearest integral value, half to even.
        FloatNearest = "fnearest",
    }
}

operations! {
    /// Operations of two operands of one representation, which the result has too. Integers wrap.
    BinaryOperation {
        /// Addition.
        IntegerAdd = "iadd",
        /// Subtraction.
        IntegerSubtract = "isub",
        /// Multiplication.
        IntegerMultiply = "imul",
        /// Signed division towards zero. The divisor is not 0, and not -1 where the dividend is the minimum:
        /// who emits it guards it; anything else is undefined (the interpreter reports it).
        SignedDivide = "sdiv",
        /// Signed remainder with the sign of the dividend; operands as for division.
        SignedRemainder = "srem",
        /// Bitwise and.
        BitAnd = "and",
        /// Bitwise or.
        BitOr = "or",
        /// Bitwise exclusive or.
        BitXor = "xor",
        /// Shift left; the count is taken modulo the width in bits.
        ShiftLeft = "shl",
        /// Arithmetic shift right; the count is taken modulo the width in bits.
        ShiftRightSigned = "sshr",
        /// Logical shift right; the count is taken modulo the width in bits.
        ShiftRightUnsigned = "ushr",
        /// IEEE addition.
        FloatAdd = "fadd",
        /// IEEE subtraction.
        FloatSubtract = "fsub",
        /// IEEE multiplication.
        FloatMultiply = "fmul",
        /// IEEE division.
        FloatDivide = "fdiv",
        /// The first operand's magnitude with the second's sign.
        FloatCopySign = "fcopysign",
    }
}

operations! {
    /// Conditions between two integers or pointers.
    IntegerCondition {
        /// Equal.
        Equal = "eq",
        /// Not equal.
        NotEqual = "ne",
        /// Signed less.
        SignedLess = "slt",
        /// Signed less or equal.
        SignedLessOrEqual = "sle",
        /// Signed greater.
        SignedGreater = "sgt",
        /// Signed greater or equal.
        SignedGreaterOrEqual = "sge",
        /// Unsigned less.
        UnsignedLess = "ult",
        /// Unsigned less or equal.
        UnsignedLessOrEqual = "ule",
        /// Unsigned greater.
        UnsignedGreater = "ugt",
        /// Unsigned greater or equal.
        UnsignedGreaterOrEqual = "uge",
    }
}

operations! {
    /// Conditions between two doubles. All but `NotEqual` and `Unordered` are false where an operand is nan.
    FloatCondition {
        /// Equal.
        Equal = "eq",
        /// Not equal; true where an operand is nan.
        NotEqual = "ne",
        /// Less.
        Less = "lt",
        /// Less or equal.
        LessOrEqual = "le",
        /// Greater.
        Greater = "gt",
        /// Greater or equal.
        GreaterOrEqual = "ge",
        /// An operand is nan.
        Unordered = "uno",
        /// No operand is nan.
        Ordered = "ord",
    }
}

operations! {
    /// Conversions from one representation to another.
    ConvertOperation {
        /// Integer to wider integer, keeping the sign.
        SignExtend = "sext",
        /// Integer to wider integer, filling with zeros.
        ZeroExtend = "zext",
        /// Integer to narrower integer, dropping high bits.
        Truncate = "trunc",
        /// Signed i64 to double, rounded to nearest, half to even.
        SignedToFloat = "itof",
        /// Double to signed i64, truncated towards zero; beyond the range saturates, nan gives 0.
        FloatToSignedSaturating = "ftoi_sat",
        /// The bits of i64 as a double, or of a double as i64.
        Bitcast = "bitcast",
        /// Pointer to i64.
        PointerToInteger = "ptoi",
    }
}

operations! {
    /// What kind of memory an access touches. Accesses of different classes never overlap, `Any` overlaps with all.
    MemoryClass {
        /// Arrays of pointers that the host passes: `outputs`, `state`, `inputs`; not written during a call
        /// except container slots, which have class `ContainerSlot`.
        Slot = "slot",
        /// The slot of a container state, written by START and STOP.
        ContainerSlot = "container_slot",
        /// Cells of states.
        State = "state",
        /// Cells of inputs; not written during a call.
        Input = "input",
        /// Cells of outputs.
        Output = "output",
        /// The `output_ticked` array.
        OutputTicked = "output_ticked",
        /// Arrays of flags that the host passes, not written during a call.
        HostFlag = "host_flag",
        /// The function's own stack slots.
        Stack = "stack",
        /// Headers of lists, but for lengths.
        ListHeader = "list_header",
        /// Elements of lists.
        ListData = "list_data",
        /// All of dicts, but for lengths.
        Dict = "dict",
        /// Structs that nothing but the function itself reaches. Those of hosts are `Foreign`: rules of extensions reach them too.
        StructField = "struct_field",
        /// Static data of the module, never written.
        Constant = "constant",
        /// Memory of foreign code.
        Foreign = "foreign",
        /// Anything.
        Any = "any",
        /// Numbers in headers of containers that count what they hold or have room for: 64 bits, none below 0, none above
        /// [`MemoryClass::LARGEST_LENGTH`].
        Length = "length",
    }
}

impl MemoryClass {
    /// No container holds more: the runtime allocates no block of more bytes.
    pub const LARGEST_LENGTH: i64 = 1 << 48;
}

operations! {
    /// What may be so of the processor and of what makes code for it, for rules that know two ways to one result and cannot
    /// know which is faster. A backend answers when it translates; the answer may differ between backends, and between places
    /// that ask, so both ways must give the same bits and have the same effects.
    TargetProperty {
        /// It pays to ask whether both operands of a division of 64 bits fit into 32, and to divide those there: the
        /// processor is several times slower on 64, or may be, and whoever makes its code does not ask.
        ShortDivision = "short_division",
    }
}

/// What a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// A function of the same module.
    Function(FunctionId),
    /// A function that the module declares.
    External(ExternalId),
}

/// An instruction that is not a terminator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum InstructionData {
    /// An integer constant; sign-extended to the representation, and within its range as a signed number.
    IntegerConstant {
        /// An integer representation or the null pointer (value 0).
        representation: Representation,
        /// The value.
        value: i64,
    },
    /// A double by its bits.
    FloatConstant {
        /// IEEE 754 binary64.
        bits: u64,
    },
    /// Whether something is so of the target: i8 of 0 or 1. Branches on it may be answered each by its place.
    TargetProperty {
        /// What.
        property: TargetProperty,
    },
    /// The address of a data object.
    DataAddress {
        /// Which one.
        data: DataId,
        /// Offset in bytes, within the object.
        offset: u32,
    },
    /// The address of a stack slot.
    StackAddress {
        /// Which one.
        slot: StackSlot,
    },
    /// One operand.
    Unary {
        /// The operation.
        operation: UnaryOperation,
        /// The operand.
        operand: Value,
    },
    /// Two operands.
    Binary {
        /// The operation.
        operation: BinaryOperation,
        /// The left operand.
        left: Value,
        /// The right operand.
        right: Value,
    },
    /// Compares integers or pointers: i8 of 0 or 1.
    IntegerCompare {
        /// The condition.
        condition: IntegerCondition,
        /// The left operand.
        left: Value,
        /// The right operand.
        right: Value,
    },
    /// Compares doubles: i8 of 0 or 1.
    FloatCompare {
        /// The condition.
        condition: FloatCondition,
        /// The left operand.
        left: Value,
        /// The right operand.
        right: Value,
    },
    /// `if_true` where the i8 condition is not 0, else `if_false`; both are of one representation.
    Select {
        /// An i8.
        condition: Value,
        /// The result for anything but 0.
        if_true: Value,
        /// The result for 0.
        if_false: Value,
    },
    /// Changes the representation.
    Convert {
        /// The operation.
        operation: ConvertOperation,
        /// The operand.
        operand: Value,
        /// The result's representation.
        to: Representation,
    },
    /// Reads memory; the address is aligned to the size and valid.
    Load {
        /// The result's representation.
        representation: Representation,
        /// A pointer.
        address: Value,
        /// Added to the address, in bytes.
        offset: i32,
        /// What kind of memory it is.
        class: MemoryClass,
    },
    /// Writes memory; the address is aligned to the size and valid.
    Store {
        /// What is written.
        value: Value,
        /// A pointer.
        address: Value,
        /// Added to the address, in bytes.
        offset: i32,
        /// What kind of memory it is.
        class: MemoryClass,
    },
    /// A pointer moved by an i64 number of bytes.
    PointerAdd {
        /// A pointer.
        address: Value,
        /// An i64.
        offset: Value,
    },
    /// Calls a function; the results are those of its signature.
    Call {
        /// What is called.
        callee: Callee,
        /// Arguments as in its signature.
        arguments: SmallVec<[Value; 4]>,
    },
}

/// A block to go on with, and values for its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JumpTarget {
    /// The block.
    pub block: Block,
    /// One value a parameter.
    pub arguments: SmallVec<[Value; 4]>,
}

/// How a block ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Terminator {
    /// Goes on with one block.
    Jump(JumpTarget),
    /// Goes on with one of two blocks.
    Branch {
        /// An i8; anything but 0 is true.
        condition: Value,
        /// Where it is true.
        if_true: JumpTarget,
        /// Where it is 0.
        if_false: JumpTarget,
    },
    /// Returns the values of the function's signature.
    Return(SmallVec<[Value; 4]>),
    /// Cannot be reached.
    Unreachable,
}

impl InstructionData {
    /// Calls `visit` on every operand, in order.
    pub fn for_each_operand(&self, mut visit: impl FnMut(Value)) {
        match self {
            Self::IntegerConstant { .. }
            | Self::FloatConstant { .. }
            | Self::TargetProperty { .. }
            | Self::DataAddress { .. }
            | Self::StackAddress { .. } => {}
            Self::Unary { operand, .. } | Self::Convert { operand, .. } => visit(*operand),
            Self::Binary { left, right, .. }
            | Self::IntegerCompare { left, right, .. }
            | Self::FloatCompare { left, right, .. } => {
                visit(*left);
                visit(*right);
            }
            Self::Select { condition, if_true, if_false } => {
                visit(*condition);
                visit(*if_true);
                visit(*if_false);
            }
            Self::Load { address, .. } => visit(*address),
            Self::Store { value, address, .. } => {
                visit(*value);
                visit(*address);
            }
            Self::PointerAdd { address, offset } => {
                visit(*address);
                visit(*offset);
            }
            Self::Call { arguments, .. } => arguments.iter().copied().for_each(visit),
        }
    }

    /// Calls `visit` on every operand, in order, to read or replace it.
    pub fn for_each_operand_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        match self {
            Self::IntegerConstant { .. }
            | Self::FloatConstant { .. }
            | Self::TargetProperty { .. }
            | Self::DataAddress { .. }
            | Self::StackAddress { .. } => {}
            Self::Unary { operand, .. } | Self::Convert { operand, .. } => visit(operand),
            Self::Binary { left, right, .. }
            | Self::IntegerCompare { left, right, .. }
            | Self::FloatCompare { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Self::Select { condition, if_true, if_false } => {
                visit(condition);
                visit(if_true);
                visit(if_false);
            }
            Self::Load { address, .. } => visit(address),
            Self::Store { value, address, .. } => {
                visit(value);
                visit(address);
            }
            Self::PointerAdd { address, offset } => {
                visit(address);
                visit(offset);
            }
            Self::Call { arguments, .. } => arguments.iter_mut().for_each(visit),
        }
    }
}

impl Terminator {
    /// The edges to other blocks, in order.
    pub fn targets(&self) -> impl Iterator<Item = &JumpTarget> {
        let (first, second) = match self {
            Self::Jump(target) => (Some(target), None),
            Self::Branch { if_true, if_false, .. } => (Some(if_true), Some(if_false)),
            Self::Return(_) | Self::Unreachable => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// The edges to other blocks, in order, to change them.
    pub fn targets_mut(&mut self) -> impl Iterator<Item = &mut JumpTarget> {
        let (first, second) = match self {
            Self::Jump(target) => (Some(target), None),
            Self::Branch { if_true, if_false, .. } => (Some(if_true), Some(if_false)),
            Self::Return(_) | Self::Unreachable => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Calls `visit` on every operand, jump arguments included, in order.
    pub fn for_each_operand(&self, mut visit: impl FnMut(Value)) {
        match self {
            Self::Jump(target) => target.arguments.iter().copied().for_each(visit),
            Self::Branch { condition, if_true, if_false } => {
                visit(*condition);
                if_true.arguments.iter().copied().for_each(&mut visit);
                if_false.arguments.iter().copied().for_each(visit);
            }
            Self::Return(values) => values.iter().copied().for_each(visit),
            Self::Unreachable => {}
        }
    }

    /// Calls `visit` on every operand, jump arguments included, to read or replace it.
    pub fn for_each_operand_mut(&mut self, mut visit: impl FnMut(&mut Value)) {
        match self {
            Self::Jump(target) => target.arguments.iter_mut().for_each(visit),
            Self::Branch { condition, if_true, if_false } => {
                visit(condition);
                if_true.arguments.iter_mut().for_each(&mut visit);
                if_false.arguments.iter_mut().for_each(visit);
            }
            Self::Return(values) => values.iter_mut().for_each(visit),
            Self::Unreachable => {}
        }
    }
}

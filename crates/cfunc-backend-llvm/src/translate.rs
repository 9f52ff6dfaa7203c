//! Translation of one function: block by block, instruction by instruction.

use cfunc_backend::BackendError;
use cfunc_ir::{
    BinaryOperation, Block, Callee, ConvertOperation, FloatCondition, Function, Instruction, InstructionData,
    IntegerCondition, JumpTarget, TargetProperty, Terminator, UnaryOperation, Value,
};
use cfunc_models::{Effects, Representation};
use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::builder::BuilderError;
use inkwell::context::ContextRef;
use inkwell::values::{
    BasicMetadataValueEnum, BasicValue, BasicValueEnum, CallSiteValue, FastMathFlags, FloatValue, FunctionValue,
    InstructionValue, IntValue, PhiValue, PointerValue, ValueKind,
};
use inkwell::{FloatPredicate, IntPredicate};
use smallvec::SmallVec;

use crate::backend::internal;
use crate::module::ModuleBuilder;
use crate::types::{is_narrow, value_type};

/// How much rarer than its opposite a branch to a cold block is taken, as profiles of LLVM have it.
const COLD_WEIGHTS: (u64, u64) = (1, 2_000);

/// Says of a branch which way is rare.
pub(crate) fn mark_rare(context: ContextRef<'_>, branch: InstructionValue<'_>, is_first_rare: bool) {
    let (cold, warm) = COLD_WEIGHTS;
    let (first, second) = if is_first_rare { (cold, warm) } else { (warm, cold) };
    let number = |weight: u64| context.i32_type().const_int(weight, false).into();
    let weights = context.metadata_string("branch_weights").into();
    let node = context.metadata_node(&[weights, number(first), number(second)]);
    let marked = branch.set_metadata(node, context.get_kind_id("prof"));
    debug_assert!(marked.is_ok(), "a node is metadata");
}

/// What `fastmath` lets LLVM do: everything but to assume that no value is nan or infinite, since where one is, the result
/// would be undefined, and a branch on it could go anywhere.
fn fast_math() -> FastMathFlags {
    FastMathFlags::AllowReassoc
        | FastMathFlags::NoSignedZeros
        | FastMathFlags::AllowReciprocal
        | FastMathFlags::AllowContract
        | FastMathFlags::ApproxFunc
}

/// Gives a declared function its body.
pub(crate) fn translate(module: &mut ModuleBuilder<'_, '_>, index: usize) -> Result<(), BackendError> {
    let function = &module.source.functions[index];
    let declared = module.functions[index];
    let mut translator = Translator {
        values: vec![None; function.values.len()],
        conditions: vec![None; function.values.len()],
        in_loop: vec![false; function.blocks.len()],
        blocks: vec![None; function.blocks.len()],
        phis: vec![SmallVec::new(); function.blocks.len()],
        slots: Vec::with_capacity(function.stack_slots.len()),
        module,
        function,
        declared,
    };
    let order = translator.declare_blocks()?;
    translator.find_loops(&order)?;
    // Uses come after definitions in this order, whatever the layout is.
    for block in order {
        translator.block(block)?;
    }
    Ok(())
}

struct Translator<'a, 'ctx, 'ir> {
    module: &'a mut ModuleBuilder<'ctx, 'ir>,
    function: &'ir Function,
    declared: FunctionValue<'ctx>,
    values: Vec<Option<BasicValueEnum<'ctx>>>,
    /// What comparisons give before it is an i8, for branches and choices.
    conditions: Vec<Option<IntValue<'ctx>>>,
    /// Which blocks stand between the first and the last of a loop in reverse postorder.
    in_loop: Vec<bool>,
    blocks: Vec<Option<BasicBlock<'ctx>>>,
    /// The parameters of blocks; the entry has none where nothing jumps to it.
    phis: Vec<SmallVec<[PhiValue<'ctx>; 2]>>,
    slots: Vec<PointerValue<'ctx>>,
}

/// What a builder of LLVM refused: it was asked for something that cannot be.
fn refused(error: BuilderError) -> BackendError {
    internal(error)
}

impl<'ctx> Translator<'_, 'ctx, '_> {
    /// Makes blocks for those that can be reached, and a first one with the stack slots. They come in reverse postorder.
    fn declare_blocks(&mut self) -> Result<Vec<Block>, BackendError> {
        let entry = *self.function.layout.first().ok_or_else(|| internal("a function without blocks"))?;
        let context = self.module.context;
        let first = context.append_basic_block(self.declared, "");
        let order = self.reverse_postorder(entry)?;
        let mut is_reached = vec![false; self.function.blocks.len()];
        let mut entry_is_target = false;
        for block in &order {
            is_reached[block.index()] = true;
            entry_is_target |= self.terminator(*block)?.targets().any(|target| target.block == entry);
        }
        for block in self.function.layout.iter().filter(|block| is_reached[block.index()]) {
            let made = context.append_basic_block(self.declared, "");
            self.blocks[block.index()] = Some(made);
        }
        if order.iter().any(|block| self.blocks[block.index()].is_none()) {
            return Err(internal("a jump to a block outside of the layout"));
        }
        for block in &order {
            let parameters = &self.function.block(*block).parameters;
            if *block == entry && !entry_is_target {
                for (position, parameter) in (0..).zip(parameters) {
                    self.values[parameter.index()] = self.declared.get_nth_param(position);
                }
                continue;
            }
            self.module.builder.position_at_end(self.llvm_block(*block)?);
            for parameter in parameters {
                let ty = value_type(context, self.function.representation(*parameter));
                let phi = self.module.builder.build_phi(ty, "").map_err(refused)?;
                self.values[parameter.index()] = Some(phi.as_basic_value());
                self.phis[block.index()].push(phi);
            }
        }
        let builder = &self.module.builder;
        builder.position_at_end(first);
        for slot in &self.function.stack_slots {
            let ty = context.i8_type().array_type(slot.size);
            let memory = builder.build_alloca(ty, "").map_err(refused)?;
            let instruction = memory.as_instruction().ok_or_else(|| internal("stack memory that is a constant"))?;
            instruction.set_alignment(slot.alignment.max(1)).map_err(internal)?;
            self.slots.push(memory);
        }
        let entry_block = self.llvm_block(entry)?;
        builder.build_unconditional_branch(entry_block).map_err(refused)?;
        for (position, phi) in (0..).zip(&self.phis[entry.index()]) {
            let parameter = self.declared.get_nth_param(position);
            let parameter =
                parameter.ok_or_else(|| internal("an entry block of other parameters than its function"))?;
            phi.add_incoming(&[(&parameter, first)]);
        }
        Ok(order)
    }

    fn reverse_postorder(&self, entry: Block) -> Result<Vec<Block>, BackendError> {
        let mut seen = vec![false; self.function.blocks.len()];
        let mut order = Vec::with_capacity(self.function.layout.len());
        let mut pending = vec![(entry, 0)];
        seen[entry.index()] = true;
        while let Some((block, position)) = pending.pop() {
            let next = self.terminator(block)?.targets().nth(position);
            let Some(target) = next.map(|target| target.block) else {
                order.push(block);
                continue;
            };
            pending.push((block, position + 1));
            let known =
                seen.get_mut(target.index()).ok_or_else(|| internal("a jump to a block that does not exist"))?;
            if !std::mem::replace(known, true) {
                pending.push((target, 0));
            }
        }
        order.reverse();
        Ok(order)
    }

    fn find_loops(&mut self, order: &[Block]) -> Result<(), BackendError> {
        let mut position = vec![0; self.function.blocks.len()];
        for (number, block) in order.iter().enumerate() {
            position[block.index()] = number;
        }
        // Of the block at each position, where the farthest jump back to it comes from.
        let mut last: Vec<usize> = (0..order.len()).collect();
        let mut is_first = vec![false; order.len()];
        for (from, block) in order.iter().enumerate() {
            for target in self.terminator(*block)?.targets() {
                let to = position[target.block.index()];
                if to <= from {
                    last[to] = last[to].max(from);
                    is_first[to] = true;
                }
            }
        }
        let mut end = None;
        for (number, block) in order.iter().enumerate() {
            if is_first[number] {
                end = end.max(Some(last[number]));
            }
            self.in_loop[block.index()] = end.is_some_and(|end| number <= end);
        }
        Ok(())
    }

    /// What is so of code by LLVM for the processor, where a block branches on it.
    fn target_property(&self, property: TargetProperty, block: Option<Block>) -> bool {
        match property {
            // The code generator asks by itself, for the processors that it pays on. But a round of a loop is shorter where
            // what the rule knows of short operands is left to say: that they need no rounding. Elsewhere a second way
            // is no gain.
            TargetProperty::ShortDivision => block.is_some_and(|block| self.in_loop[block.index()]),
        }
    }

    fn terminator(&self, block: Block) -> Result<&'_ Terminator, BackendError> {
        let data = self.function.blocks.get(block.index());
        data.and_then(|data| data.terminator.as_ref()).ok_or_else(|| internal("a block without a terminator"))
    }

    fn llvm_block(&self, block: Block) -> Result<BasicBlock<'ctx>, BackendError> {
        self.blocks[block.index()].ok_or_else(|| internal("a block that cannot be reached is reached"))
    }

    fn value(&self, value: Value) -> Result<BasicValueEnum<'ctx>, BackendError> {
        let known = self.values.get(value.index()).copied().flatten();
        known.ok_or_else(|| internal(format_args!("{value} is used before it is defined")))
    }

    fn integer(&self, value: Value) -> Result<IntValue<'ctx>, BackendError> {
        match self.value(value)? {
            BasicValueEnum::IntValue(known) => Ok(known),
            _ => Err(internal(format_args!("{value} is no integer"))),
        }
    }

    fn float(&self, value: Value) -> Result<FloatValue<'ctx>, BackendError> {
        match self.value(value)? {
            BasicValueEnum::FloatValue(known) => Ok(known),
            _ => Err(internal(format_args!("{value} is no float"))),
        }
    }

    fn pointer(&self, value: Value) -> Result<PointerValue<'ctx>, BackendError> {
        match self.value(value)? {
            BasicValueEnum::PointerValue(known) => Ok(known),
            _ => Err(internal(format_args!("{value} is no pointer"))),
        }
    }

    fn block(&mut self, block: Block) -> Result<(), BackendError> {
        self.module.builder.position_at_end(self.llvm_block(block)?);
        let function = self.function;
        for instruction in &function.block(block).instructions {
            self.instruction(*instruction)?;
        }
        self.terminate(block)
    }

    /// An i8 as a condition of LLVM: anything but 0 is true.
    fn condition(&self, value: Value) -> Result<IntValue<'ctx>, BackendError> {
        if let Some(known) = self.conditions.get(value.index()).copied().flatten() {
            return Ok(known);
        }
        let value = self.integer(value)?;
        let zero = value.get_type().const_zero();
        self.module.builder.build_int_compare(IntPredicate::NE, value, zero, "").map_err(refused)
    }

    fn terminate(&mut self, block: Block) -> Result<(), BackendError> {
        let from = self.llvm_block(block)?;
        let function = self.function;
        let terminator = function.block(block).terminator.as_ref();
        match terminator.ok_or_else(|| internal("a block without a terminator"))? {
            Terminator::Jump(target) => {
                let to = self.llvm_block(target.block)?;
                self.module.builder.build_unconditional_branch(to).map_err(refused)?;
                self.arrive(target, from)?;
            }
            Terminator::Branch { condition, if_true, if_false } => {
                let condition = match function.defining_instruction(*condition) {
                    Some(InstructionData::TargetProperty { property }) => {
                        let answer = self.target_property(*property, Some(block));
                        self.module.context.bool_type().const_int(u64::from(answer), false)
                    }
                    _ => self.condition(*condition)?,
                };
                let (true_block, false_block) = (self.llvm_block(if_true.block)?, self.llvm_block(if_false.block)?);
                // Two edges from one block to another can pass different arguments only through a block between them.
                let between = (if_true.block == if_false.block && if_true.arguments != if_false.arguments)
                    .then(|| self.module.context.append_basic_block(self.declared, ""));
                let branch = self
                    .module
                    .builder
                    .build_conditional_branch(condition, true_block, between.unwrap_or(false_block))
                    .map_err(refused)?;
                self.weigh(branch, if_true.block, if_false.block);
                self.arrive(if_true, from)?;
                if let Some(between) = between {
                    self.module.builder.position_at_end(between);
                    self.module.builder.build_unconditional_branch(false_block).map_err(refused)?;
                }
                self.arrive(if_false, between.unwrap_or(from))?;
            }
            Terminator::Return(values) => {
                let values: SmallVec<[BasicValueEnum<'ctx>; 4]> =
                    values.iter().map(|value| self.value(*value)).collect::<Result<_, _>>()?;
                let builder = &self.module.builder;
                match values.as_slice() {
                    [] => builder.build_return(None),
                    [value] => builder.build_return(Some(value)),
                    values => builder.build_aggregate_return(values),
                }
                .map_err(refused)?;
            }
            Terminator::Unreachable => {
                self.module.builder.build_unreachable().map_err(refused)?;
            }
        }
        Ok(())
    }

    /// What an edge passes to the parameters of the block that it leads to.
    fn arrive(&self, target: &JumpTarget, from: BasicBlock<'ctx>) -> Result<(), BackendError> {
        for (phi, argument) in self.phis[target.block.index()].iter().zip(&target.arguments) {
            let argument = self.value(*argument)?;
            phi.add_incoming(&[(&argument, from)]);
        }
        Ok(())
    }

    /// Says of a branch which way is rare, where one is.
    fn weigh(&self, branch: InstructionValue<'ctx>, if_true: Block, if_false: Block) {
        let is_cold = |block: Block| self.function.block(block).cold;
        if is_cold(if_true) != is_cold(if_false) {
            mark_rare(self.module.module.get_context(), branch, is_cold(if_true));
        }
    }

    fn instruction(&mut self, instruction: Instruction) -> Result<(), BackendError> {
        let function = self.function;
        let context = self.module.context;
        let builder = &self.module.builder;
        let result: BasicValueEnum<'ctx> = match function.instruction(instruction) {
            InstructionData::IntegerConstant { representation, value } => match value_type(context, *representation) {
                inkwell::types::BasicTypeEnum::IntType(ty) => ty.const_int(value.cast_unsigned(), true).into(),
                inkwell::types::BasicTypeEnum::PointerType(ty) => ty.const_null().into(),
                _ => return Err(internal("an integer constant of another representation")),
            },
            InstructionData::FloatConstant { bits } => {
                let bits = context.i64_type().const_int(*bits, false);
                // By its bits, so that every nan stays the one that it is.
                builder.build_bit_cast(bits, context.f64_type(), "").map_err(refused)?
            }
            InstructionData::TargetProperty { property } => {
                let answer = self.target_property(*property, None);
                context.i8_type().const_int(u64::from(answer), false).into()
            }
            InstructionData::DataAddress { data, offset } => {
                let global = self.module.data.get(data.index());
                let base = global.ok_or_else(|| internal("data that does not exist"))?.as_pointer_value();
                let offset = context.i64_type().const_int(u64::from(*offset), false);
                // SAFETY: the index is a number of bytes of a type of one byte.
                unsafe { base.const_gep(context.i8_type(), &[offset]) }.into()
            }
            InstructionData::StackAddress { slot } => {
                let slot = self.slots.get(slot.index());
                (*slot.ok_or_else(|| internal("a stack slot that does not exist"))?).into()
            }
            InstructionData::Unary { operation, operand } => self.unary(*operation, *operand)?,
            InstructionData::Binary { operation, left, right } => self.binary(*operation, *left, *right)?,
            InstructionData::IntegerCompare { condition, left, right } => {
                let predicate = integer_predicate(*condition);
                let compared = match (self.value(*left)?, self.value(*right)?) {
                    (BasicValueEnum::PointerValue(left), BasicValueEnum::PointerValue(right)) => {
                        builder.build_int_compare(predicate, left, right, "")
                    }
                    (BasicValueEnum::IntValue(left), BasicValueEnum::IntValue(right)) => {
                        builder.build_int_compare(predicate, left, right, "")
                    }
                    _ => return Err(internal("integers are compared with what is none")),
                };
                self.truth(instruction, compared.map_err(refused)?)?
            }
            InstructionData::FloatCompare { condition, left, right } => {
                let (left, right) = (self.float(*left)?, self.float(*right)?);
                let compared = builder.build_float_compare(float_predicate(*condition), left, right, "");
                let compared = self.relax(compared.map_err(refused)?.into())?.into_int_value();
                self.truth(instruction, compared)?
            }
            InstructionData::Select { condition, if_true, if_false } => {
                let condition = self.condition(*condition)?;
                let (if_true, if_false) = (self.value(*if_true)?, self.value(*if_false)?);
                builder.build_select(condition, if_true, if_false, "").map_err(refused)?
            }
            InstructionData::Convert { operation, operand, to } => self.convert(*operation, *operand, *to)?,
            InstructionData::Load { representation, address, offset, class } => {
                let address = self.moved(self.pointer(*address)?, *offset)?;
                let loaded = builder.build_load(value_type(context, *representation), address, "").map_err(refused)?;
                let access = loaded.as_instruction_value().ok_or_else(|| internal("a load that is a constant"))?;
                access.set_alignment(alignment(*representation)).map_err(internal)?;
                self.module.memory.mark_load(access, *class);
                loaded
            }
            InstructionData::Store { value, address, offset, class } => {
                let address = self.moved(self.pointer(*address)?, *offset)?;
                let access = builder.build_store(address, self.value(*value)?).map_err(refused)?;
                access.set_alignment(alignment(function.representation(*value))).map_err(internal)?;
                self.module.memory.mark_access(access, *class);
                return Ok(());
            }
            InstructionData::PointerAdd { address, offset } => {
                let (address, offset) = (self.pointer(*address)?, self.integer(*offset)?);
                if address.is_null() {
                    // How the IR makes an address of an integer. What is reached from NULL is nothing to LLVM.
                    let ty = address.get_type();
                    builder.build_int_to_ptr(offset, ty, "").map_err(refused)?.into()
                } else {
                    // SAFETY: the index is a number of bytes of a type of one byte.
                    unsafe { builder.build_gep(context.i8_type(), address, &[offset], "") }.map_err(refused)?.into()
                }
            }
            InstructionData::Call { callee, arguments } => return self.call(instruction, *callee, arguments),
        };
        let value =
            *function.results(instruction).first().ok_or_else(|| internal("an instruction without its result"))?;
        self.values[value.index()] = Some(result);
        Ok(())
    }

    /// A condition of LLVM, which an instruction gives, as an i8 of 0 or 1.
    fn truth(
        &mut self,
        instruction: Instruction,
        condition: IntValue<'ctx>,
    ) -> Result<BasicValueEnum<'ctx>, BackendError> {
        if let [result] = self.function.results(instruction) {
            self.conditions[result.index()] = Some(condition);
        }
        let ty = self.module.context.i8_type();
        Ok(self.module.builder.build_int_z_extend(condition, ty, "").map_err(refused)?.into())
    }

    /// An address that is a number of bytes further.
    fn moved(&self, address: PointerValue<'ctx>, offset: i32) -> Result<PointerValue<'ctx>, BackendError> {
        if offset == 0 {
            return Ok(address);
        }
        let context = self.module.context;
        let offset = context.i64_type().const_int(i64::from(offset).cast_unsigned(), true);
        // SAFETY: the index is a number of bytes of a type of one byte.
        unsafe { self.module.builder.build_gep(context.i8_type(), address, &[offset], "") }.map_err(refused)
    }

    /// A result of float arithmetic, with the liberties that the options give.
    fn relax(&self, result: BasicValueEnum<'ctx>) -> Result<BasicValueEnum<'ctx>, BackendError> {
        if self.module.options.fastmath
            && let Some(instruction) = result.as_instruction_value()
            && instruction.can_use_fast_math_flags()
        {
            instruction.set_fast_math_flags(fast_math()).map_err(internal)?;
        }
        Ok(result)
    }

    /// A call of an intrinsic.
    fn intrinsic(
        &mut self,
        name: &'static str,
        overloads: &[Representation],
        operands: &[BasicValueEnum<'ctx>],
    ) -> Result<BasicValueEnum<'ctx>, BackendError> {
        let declared = self.module.intrinsic(name, overloads)?;
        let arguments: SmallVec<[BasicMetadataValueEnum<'ctx>; 4]> =
            operands.iter().map(|operand| (*operand).into()).collect();
        let call = self.module.builder.build_direct_call(declared, &arguments, "").map_err(refused)?;
        self.relax(basic(call)?)
    }

    fn unary(&mut self, operation: UnaryOperation, operand: Value) -> Result<BasicValueEnum<'ctx>, BackendError> {
        let name = match operation {
            UnaryOperation::IntegerNegate => {
                let operand = self.integer(operand)?;
                return Ok(self.module.builder.build_int_neg(operand, "").map_err(refused)?.into());
            }
            UnaryOperation::IntegerNot => {
                let operand = self.integer(operand)?;
                return Ok(self.module.builder.build_not(operand, "").map_err(refused)?.into());
            }
            UnaryOperation::FloatNegate => {
                let negated = self.module.builder.build_float_neg(self.float(operand)?, "").map_err(refused)?;
                return self.relax(negated.into());
            }
            UnaryOperation::FloatAbsolute => "llvm.fabs",
            UnaryOperation::FloatSquareRoot => "llvm.sqrt",
            UnaryOperation::FloatFloor => "llvm.floor",
            UnaryOperation::FloatCeil => "llvm.ceil",
            UnaryOperation::FloatTruncate => "llvm.trunc",
            UnaryOperation::FloatNearest => "llvm.roundeven",
        };
        let operand = self.float(operand)?.into();
        self.intrinsic(name, &[Representation::F64], &[operand])
    }

    fn binary(
        &mut self,
        operation: BinaryOperation,
        left: Value,
        right: Value,
    ) -> Result<BasicValueEnum<'ctx>, BackendError> {
        if operation == BinaryOperation::FloatCopySign {
            let operands = [self.float(left)?.into(), self.float(right)?.into()];
            return self.intrinsic("llvm.copysign", &[Representation::F64], &operands);
        }
        if let BinaryOperation::FloatAdd
        | BinaryOperation::FloatSubtract
        | BinaryOperation::FloatMultiply
        | BinaryOperation::FloatDivide = operation
        {
            let (left, right) = (self.float(left)?, self.float(right)?);
            let builder = &self.module.builder;
            let result = match operation {
                BinaryOperation::FloatAdd => builder.build_float_add(left, right, ""),
                BinaryOperation::FloatSubtract => builder.build_float_sub(left, right, ""),
                BinaryOperation::FloatMultiply => builder.build_float_mul(left, right, ""),
                _ => builder.build_float_div(left, right, ""),
            };
            return self.relax(result.map_err(refused)?.into());
        }
        let (left, right) = (self.integer(left)?, self.integer(right)?);
        let builder = &self.module.builder;
        let result = match operation {
            BinaryOperation::IntegerAdd => builder.build_int_add(left, right, ""),
            BinaryOperation::IntegerSubtract => builder.build_int_sub(left, right, ""),
            BinaryOperation::IntegerMultiply => builder.build_int_mul(left, right, ""),
            BinaryOperation::SignedDivide => builder.build_int_signed_div(left, right, ""),
            BinaryOperation::SignedRemainder => builder.build_int_signed_rem(left, right, ""),
            BinaryOperation::BitAnd => builder.build_and(left, right, ""),
            BinaryOperation::BitOr => builder.build_or(left, right, ""),
            BinaryOperation::BitXor => builder.build_xor(left, right, ""),
            BinaryOperation::ShiftLeft => builder.build_left_shift(left, self.count(right)?, ""),
            BinaryOperation::ShiftRightSigned => builder.build_right_shift(left, self.count(right)?, true, ""),
            BinaryOperation::ShiftRightUnsigned => builder.build_right_shift(left, self.count(right)?, false, ""),
            BinaryOperation::FloatAdd
            | BinaryOperation::FloatSubtract
            | BinaryOperation::FloatMultiply
            | BinaryOperation::FloatDivide
            | BinaryOperation::FloatCopySign => return Err(internal("an operation of floats on integers")),
        };
        Ok(result.map_err(refused)?.into())
    }

    /// A shift's count, modulo the width: LLVM leaves more undefined.
    fn count(&self, count: IntValue<'ctx>) -> Result<IntValue<'ctx>, BackendError> {
        let ty = count.get_type();
        let mask = ty.const_int(u64::from(ty.get_bit_width()) - 1, false);
        self.module.builder.build_and(count, mask, "").map_err(refused)
    }

    fn convert(
        &mut self,
        operation: ConvertOperation,
        operand: Value,
        to: Representation,
    ) -> Result<BasicValueEnum<'ctx>, BackendError> {
        let context = self.module.context;
        let target = value_type(context, to);
        let integer = || match target {
            inkwell::types::BasicTypeEnum::IntType(ty) => Ok(ty),
            _ => Err(internal("a conversion to an integer of another type")),
        };
        let builder = &self.module.builder;
        Ok(match operation {
            ConvertOperation::SignExtend => {
                builder.build_int_s_extend(self.integer(operand)?, integer()?, "").map_err(refused)?.into()
            }
            ConvertOperation::ZeroExtend => {
                builder.build_int_z_extend(self.integer(operand)?, integer()?, "").map_err(refused)?.into()
            }
            ConvertOperation::Truncate => {
                builder.build_int_truncate(self.integer(operand)?, integer()?, "").map_err(refused)?.into()
            }
            ConvertOperation::SignedToFloat => builder
                .build_signed_int_to_float(self.integer(operand)?, context.f64_type(), "")
                .map_err(refused)?
                .into(),
            ConvertOperation::FloatToSignedSaturating => {
                let operand = self.float(operand)?.into();
                return self.intrinsic("llvm.fptosi.sat", &[to, Representation::F64], &[operand]);
            }
            ConvertOperation::Bitcast => builder.build_bit_cast(self.value(operand)?, target, "").map_err(refused)?,
            ConvertOperation::PointerToInteger => {
                builder.build_ptr_to_int(self.pointer(operand)?, integer()?, "").map_err(refused)?.into()
            }
        })
    }

    fn call(&mut self, instruction: Instruction, callee: Callee, arguments: &[Value]) -> Result<(), BackendError> {
        let arguments: SmallVec<[BasicMetadataValueEnum<'ctx>; 8]> =
            arguments.iter().map(|argument| Ok(self.value(*argument)?.into())).collect::<Result<_, BackendError>>()?;
        let missing = || internal("a call of a function that does not exist");
        let (declared, external) = match callee {
            Callee::Function(function) => (self.module.functions.get(function.index()), None),
            Callee::External(external) => {
                (self.module.externals.get(external.index()), self.module.source.externals.get(external.index()))
            }
        };
        let declared = *declared.ok_or_else(missing)?;
        let call = self.module.builder.build_direct_call(declared, &arguments, "").map_err(refused)?;
        if let Some(external) = external {
            // A symbol of the host may be called like a function of the C library, and be another.
            call.add_attribute(AttributeLoc::Function, self.module.attributes.named("nobuiltin"));
            if self.module.options.force_inline && external.runtime.is_some() {
                // It has a body where the build has bitcode of the runtime.
                call.add_attribute(AttributeLoc::Function, self.module.attributes.named("alwaysinline"));
            }
            for (position, parameter) in (0..).zip(&external.signature.parameters) {
                if is_narrow(*parameter) {
                    call.add_attribute(AttributeLoc::Param(position), self.module.attributes.named("signext"));
                }
            }
            if matches!(external.effects, Effects::ReadsInternal | Effects::WritesInternal)
                && let Some(made) = call_instruction(call)
            {
                self.module.memory.mark_internal_call(made);
            }
        }
        match self.function.results(instruction) {
            [] => {}
            [result] => self.values[result.index()] = Some(basic(call)?),
            results => {
                let BasicValueEnum::StructValue(found) = basic(call)? else {
                    return Err(internal("a call with other results than its signature"));
                };
                for (position, result) in (0..).zip(results) {
                    let part = self.module.builder.build_extract_value(found, position, "").map_err(refused)?;
                    self.values[result.index()] = Some(part);
                }
            }
        }
        Ok(())
    }
}

/// What a call gives.
fn basic(call: CallSiteValue<'_>) -> Result<BasicValueEnum<'_>, BackendError> {
    match call.try_as_basic_value() {
        ValueKind::Basic(value) => Ok(value),
        ValueKind::Instruction(_) => Err(internal("a call without its result")),
    }
}

fn call_instruction(call: CallSiteValue<'_>) -> Option<InstructionValue<'_>> {
    match call.try_as_basic_value() {
        ValueKind::Basic(value) => value.as_instruction_value(),
        ValueKind::Instruction(instruction) => Some(instruction),
    }
}

/// The alignment of an access in bytes: the size.
fn alignment(representation: Representation) -> u32 {
    representation.size()
}

const fn integer_predicate(condition: IntegerCondition) -> IntPredicate {
    match condition {
        IntegerCondition::Equal => IntPredicate::EQ,
        IntegerCondition::NotEqual => IntPredicate::NE,
        IntegerCondition::SignedLess => IntPredicate::SLT,
        IntegerCondition::SignedLessOrEqual => IntPredicate::SLE,
        IntegerCondition::SignedGreater => IntPredicate::SGT,
        IntegerCondition::SignedGreaterOrEqual => IntPredicate::SGE,
        IntegerCondition::UnsignedLess => IntPredicate::ULT,
        IntegerCondition::UnsignedLessOrEqual => IntPredicate::ULE,
        IntegerCondition::UnsignedGreater => IntPredicate::UGT,
        IntegerCondition::UnsignedGreaterOrEqual => IntPredicate::UGE,
    }
}

const fn float_predicate(condition: FloatCondition) -> FloatPredicate {
    match condition {
        FloatCondition::Equal => FloatPredicate::OEQ,
        FloatCondition::NotEqual => FloatPredicate::UNE,
        FloatCondition::Less => FloatPredicate::OLT,
        FloatCondition::LessOrEqual => FloatPredicate::OLE,
        FloatCondition::Greater => FloatPredicate::OGT,
        FloatCondition::GreaterOrEqual => FloatPredicate::OGE,
        FloatCondition::Unordered => FloatPredicate::UNO,
        FloatCondition::Ordered => FloatPredicate::ORD,
    }
}

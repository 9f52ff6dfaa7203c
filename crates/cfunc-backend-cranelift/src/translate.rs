//! Translation of one function into CLIF: block by block, instruction by instruction.

use cfunc_backend::{ArgumentPlace, ArgumentPlaces, BackendError};
use cfunc_ir::{
    BinaryOperation, Block, Callee, ConvertOperation, ExternalId, Function, Instruction, InstructionData, JumpTarget,
    MemoryClass, Module, TargetProperty, Terminator, UnaryOperation, Value,
};
use cfunc_models::{Representation, RuntimeFunction};
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::entity::packed_option::PackedOption;
use cranelift_codegen::ir::immediates::{Ieee64, Imm64};
use cranelift_codegen::ir::{
    self as clif, AbiParam, BlockArg, ExtFuncData, ExternalName, FuncRef, GlobalValueData, InstBuilder, MemFlagsData,
    Signature as ClifSignature, StackSlotData, StackSlotKind, TrapCode, types,
};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use smallvec::{SmallVec, smallvec};

use crate::backend::internal;
use crate::frames;
use crate::image::Symbol;
use crate::isa::TargetKind;
use crate::libcalls::Helper;
use crate::operations::{clif_signature, clif_type, float_condition, integer_condition, memory_flags};
use crate::placing::{PlacedOrder, is_placed, placed_signature};
use crate::preserving::{RESULT_SIZE, is_supported, thunk_signature};

/// The trap of code that cannot be reached.
const UNREACHABLE: TrapCode = TrapCode::unwrap_user(1);

/// Tables from entities of the IR to those of CLIF; reused from one function to the next.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    values: Vec<PackedOption<clif::Value>>,
    blocks: Vec<PackedOption<clif::Block>>,
    slots: Vec<clif::StackSlot>,
    functions: Vec<PackedOption<FuncRef>>,
    externals: Vec<PackedOption<FuncRef>>,
    thunks: Vec<PackedOption<FuncRef>>,
    flags: Vec<MemFlagsData>,
    order: Vec<Block>,
    pending: Vec<(Block, usize)>,
    wide_result: PackedOption<clif::StackSlot>,
    thunk_result: PackedOption<clif::StackSlot>,
}

impl Tables {
    fn reset(&mut self, module: &Module, function: &Function) {
        fn fill<T: Clone>(table: &mut Vec<T>, length: usize, value: T) {
            table.clear();
            table.resize(length, value);
        }
        fill(&mut self.values, function.values.len(), None.into());
        fill(&mut self.blocks, function.blocks.len(), None.into());
        fill(&mut self.functions, module.functions.len(), None.into());
        fill(&mut self.externals, module.externals.len(), None.into());
        fill(&mut self.thunks, module.externals.len(), None.into());
        self.slots.clear();
        self.flags.clear();
        self.order.clear();
        self.pending.clear();
        self.wide_result = None.into();
        self.thunk_result = None.into();
    }
}

/// How a function is to be translated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The convention of C.
    convention: CallConv,
    /// Whether rare calls go through thunks.
    thunks: bool,
}

impl Wanted {
    /// For a target of this kind. Where registers are allocated in a single pass, every value lies on the stack between blocks,
    /// so that calls that keep registers would save nothing.
    pub(crate) fn new(kind: TargetKind, target: &dyn TargetIsa) -> Self {
        let convention = target.default_call_conv();
        Self { convention, thunks: !kind.is_single_pass() && is_supported(convention) }
    }
}

/// Translates a function of the module into an empty CLIF function.
pub(crate) fn translate(
    output: &mut clif::Function,
    tables: &mut Tables,
    module: &Module,
    function: &Function,
    Wanted { convention, thunks }: Wanted,
) -> Result<(), BackendError> {
    tables.reset(module, function);
    output.signature = clif_signature(&function.signature, convention, false);
    for slot in &function.stack_slots {
        let alignment = u8::try_from(slot.alignment.max(1).ilog2()).map_err(internal)?;
        let data = StackSlotData::new(StackSlotKind::ExplicitSlot, slot.size, alignment);
        tables.slots.push(output.create_sized_stack_slot(data));
    }
    let cursor = FuncCursor::new(output);
    let mut translator = Translator { module, function, tables, cursor, convention, thunks };
    translator.declare_memory();
    translator.declare_blocks()?;
    translator.leave_out_parameters();
    // Uses come after definitions in this order, whatever the layout is.
    let order = std::mem::take(&mut translator.tables.order);
    for block in order.iter().rev() {
        translator.block(*block)?;
    }
    translator.tables.order = order;
    Ok(())
}

struct Translator<'a> {
    module: &'a Module,
    function: &'a Function,
    tables: &'a mut Tables,
    cursor: FuncCursor<'a>,
    convention: CallConv,
    /// Whether rare calls go through thunks.
    thunks: bool,
}

impl Translator<'_> {
    /// Sets the flags of every class. For Cranelift a load outside of all regions sees only stores outside of all
    /// regions, so where one exists, nothing is in a region.
    fn declare_memory(&mut self) {
        let mut used = [false; MemoryClass::ALL.len()];
        let mut loads_anything = false;
        for instruction in &self.function.instructions {
            match instruction {
                InstructionData::Load { class, .. } => {
                    used[*class as usize] = true;
                    loads_anything |= *class == MemoryClass::Any;
                }
                InstructionData::Store { class, .. } => used[*class as usize] = true,
                _ => {}
            }
        }
        for (class, used) in MemoryClass::ALL.iter().zip(used) {
            let flags =
                if used && !loads_anything { memory_flags(self.cursor.func, *class) } else { MemFlagsData::trusted() };
            self.tables.flags.push(flags);
        }
    }

    /// Finds the blocks that can be reached, in postorder, and makes CLIF blocks of them in the order of the layout.
    fn declare_blocks(&mut self) -> Result<(), BackendError> {
        let entry = *self.function.layout.first().ok_or_else(|| internal("a function without blocks"))?;
        let mut entry_is_target = false;
        let placeholder = self.cursor.func.dfg.make_block();
        self.tables.blocks[entry.index()] = placeholder.into();
        self.tables.pending.push((entry, 0));
        while let Some((block, position)) = self.tables.pending.pop() {
            let next = self.terminator(block)?.targets().nth(position);
            let Some(target) = next.map(|target| target.block) else {
                self.tables.order.push(block);
                continue;
            };
            self.tables.pending.push((block, position + 1));
            entry_is_target |= target == entry;
            let known = self
                .tables
                .blocks
                .get_mut(target.index())
                .ok_or_else(|| internal("a jump to a block that does not exist"))?;
            if known.is_none() {
                *known = self.cursor.func.dfg.make_block().into();
                self.tables.pending.push((target, 0));
            }
        }
        for block in &self.function.layout {
            let Some(output) = self.tables.blocks[block.index()].expand() else {
                continue;
            };
            self.cursor.insert_block(output);
            let data = self.function.block(*block);
            if data.cold {
                self.cursor.func.layout.set_cold(output);
            }
            for parameter in &data.parameters {
                let representation = clif_type(self.function.representation(*parameter));
                let value = self.cursor.func.dfg.append_block_param(output, representation);
                self.tables.values[parameter.index()] = value.into();
            }
        }
        if self.tables.order.iter().any(|block| !self.cursor.func.layout.is_block_inserted(self.clif_block(*block))) {
            return Err(internal("a jump to a block outside of the layout"));
        }
        if entry_is_target {
            self.insert_prologue(entry);
        }
        Ok(())
    }

    /// Leaves out the last parameters of the module's entry where nothing uses them: a caller may give more than are taken,
    /// and a function that takes nothing from the stack needs no frame.
    fn leave_out_parameters(&mut self) {
        let function = self.function;
        let is_entry = self.module.entry.is_some_and(|entry| std::ptr::eq(self.module.function(entry), function));
        let entry = function.entry();
        let first = self.clif_block(entry);
        // A block before the entry hands all of them on.
        if !is_entry || self.cursor.func.layout.entry_block() != Some(first) {
            return;
        }
        // What comes in registers costs nothing.
        let parameters = &function.block(entry).parameters;
        let Some(last) = parameters.get(frames::INTEGER_REGISTERS..).filter(|last| !last.is_empty()) else {
            return;
        };
        let mut used = 0;
        let mut note = |value: Value| {
            if let Some(position) = last.iter().position(|parameter| *parameter == value) {
                used = used.max(position + 1);
            }
        };
        for block in &function.layout {
            let data = function.block(*block);
            for instruction in &data.instructions {
                function.instruction(*instruction).for_each_operand(&mut note);
            }
            if let Some(terminator) = &data.terminator {
                terminator.for_each_operand(&mut note);
            }
        }
        for parameter in last[used..].iter().rev() {
            if let Some(value) = self.tables.values[parameter.index()].expand() {
                self.cursor.func.dfg.remove_block_param(value);
            }
        }
        self.cursor.func.signature.params.truncate(frames::INTEGER_REGISTERS + used);
    }

    /// Puts a block before the entry, which CLIF does not let jumps reach.
    fn insert_prologue(&mut self, entry: Block) {
        let target = self.clif_block(entry);
        let function = &mut *self.cursor.func;
        let prologue = function.dfg.make_block();
        function.layout.insert_block(prologue, target);
        let mut arguments = SmallVec::<[BlockArg; 8]>::new();
        for representation in &self.function.signature.parameters {
            let parameter = function.dfg.append_block_param(prologue, clif_type(*representation));
            arguments.push(BlockArg::Value(parameter));
        }
        self.cursor.goto_bottom(prologue);
        self.cursor.ins().jump(target, &arguments);
    }

    fn terminator(&self, block: Block) -> Result<&Terminator, BackendError> {
        let data = self.function.blocks.get(block.index());
        data.and_then(|data| data.terminator.as_ref()).ok_or_else(|| internal("a block without a terminator"))
    }

    /// The CLIF block of a block that can be reached.
    fn clif_block(&self, block: Block) -> clif::Block {
        self.tables.blocks[block.index()].expect("every block that can be reached has one")
    }

    fn value(&self, value: Value) -> Result<clif::Value, BackendError> {
        let known = self.tables.values.get(value.index());
        known
            .and_then(|known| known.expand())
            .ok_or_else(|| internal(format_args!("{value} is used before it is defined")))
    }

    fn values<const SIZE: usize>(&self, values: &[Value]) -> Result<SmallVec<[clif::Value; SIZE]>, BackendError>
    where
        [clif::Value; SIZE]: smallvec::Array<Item = clif::Value>,
    {
        values.iter().map(|value| self.value(*value)).collect()
    }

    fn block(&mut self, block: Block) -> Result<(), BackendError> {
        let output = self.clif_block(block);
        self.cursor.goto_bottom(output);
        let function = self.function;
        for instruction in &function.block(block).instructions {
            self.instruction(*instruction)?;
        }
        self.terminate(block)
    }

    fn target(&self, target: &JumpTarget) -> Result<(clif::Block, SmallVec<[BlockArg; 4]>), BackendError> {
        let mut arguments = SmallVec::new();
        for argument in &target.arguments {
            arguments.push(BlockArg::Value(self.value(*argument)?));
        }
        Ok((self.clif_block(target.block), arguments))
    }

    fn terminate(&mut self, block: Block) -> Result<(), BackendError> {
        match self.terminator(block)? {
            Terminator::Jump(target) => {
                let (target, arguments) = self.target(target)?;
                self.cursor.ins().jump(target, &arguments);
            }
            Terminator::Branch { condition, if_true, if_false } => {
                let condition = self.value(*condition)?;
                let (if_true, true_arguments) = self.target(if_true)?;
                let (if_false, false_arguments) = self.target(if_false)?;
                self.cursor.ins().brif(condition, if_true, &true_arguments, if_false, &false_arguments);
            }
            Terminator::Return(values) => {
                let values = self.values::<4>(values)?;
                self.cursor.ins().return_(&values);
            }
            Terminator::Unreachable => {
                self.cursor.ins().trap(UNREACHABLE);
            }
        }
        Ok(())
    }

    fn instruction(&mut self, instruction: Instruction) -> Result<(), BackendError> {
        let function = self.function;
        let result = match function.instruction(instruction) {
            InstructionData::IntegerConstant { representation, value } => {
                self.integer_constant(*representation, *value)
            }
            InstructionData::FloatConstant { bits } => self.cursor.ins().f64const(Ieee64::with_bits(*bits)),
            InstructionData::TargetProperty { property } => self.target_property(*property),
            InstructionData::DataAddress { data, offset } => self.data_address(data.index(), *offset)?,
            InstructionData::StackAddress { slot } => {
                let slot =
                    *self.tables.slots.get(slot.index()).ok_or_else(|| internal("a stack slot that does not exist"))?;
                self.cursor.ins().stack_addr(types::I64, slot, 0)
            }
            InstructionData::Unary { operation, operand } => {
                let operand = self.value(*operand)?;
                self.unary(*operation, operand)
            }
            InstructionData::Binary { operation, left, right } => {
                let representation = function.representation(*left);
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                match (Helper::for_wide(*operation), representation) {
                    (Some(helper), Representation::I128) => self.divide_wide(helper, left, right),
                    _ if *operation == BinaryOperation::SignedRemainder && representation == Representation::I64 => {
                        self.remainder(left, right)
                    }
                    _ => self.binary(*operation, left, right),
                }
            }
            InstructionData::IntegerCompare { condition, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                let condition = integer_condition(*condition);
                self.cursor.ins().icmp(condition, left, right)
            }
            InstructionData::FloatCompare { condition, left, right } => {
                let (left, right) = (self.value(*left)?, self.value(*right)?);
                let condition = float_condition(*condition);
                self.cursor.ins().fcmp(condition, left, right)
            }
            InstructionData::Select { condition, if_true, if_false } => {
                let condition = self.value(*condition)?;
                let wide = function.representation(*if_true) == Representation::I128;
                let (if_true, if_false) = (self.value(*if_true)?, self.value(*if_false)?);
                self.select(wide, condition, if_true, if_false)
            }
            InstructionData::Convert { operation, operand, to } => {
                let operand = self.value(*operand)?;
                self.convert(*operation, operand, *to)
            }
            InstructionData::Load { representation, address, offset, class } => {
                let address = self.value(*address)?;
                let flags = self.tables.flags[*class as usize];
                self.cursor.ins().load(clif_type(*representation), flags, address, *offset)
            }
            InstructionData::Store { value, address, offset, class } => {
                let (value, address) = (self.value(*value)?, self.value(*address)?);
                let flags = self.tables.flags[*class as usize];
                self.cursor.ins().store(flags, value, address, *offset);
                return Ok(());
            }
            InstructionData::PointerAdd { address, offset } => {
                let (address, offset) = (self.value(*address)?, self.value(*offset)?);
                self.cursor.ins().iadd(address, offset)
            }
            InstructionData::Call { callee, arguments } => {
                let arguments = self.values::<8>(arguments)?;
                return self.call(instruction, *callee, &arguments);
            }
        };
        let value =
            *function.results(instruction).first().ok_or_else(|| internal("an instruction without its result"))?;
        self.tables.values[value.index()] = result.into();
        Ok(())
    }

    fn integer_constant(&mut self, representation: Representation, value: i64) -> clif::Value {
        if representation == Representation::I128 {
            let word = self.cursor.ins().iconst(types::I64, value);
            return self.cursor.ins().sextend(types::I128, word);
        }
        // CLIF holds constants with the bits above their type cleared.
        let bits = match representation.size() {
            size @ 1..=7 => value & ((1 << (8 * size)) - 1),
            _ => value,
        };
        self.cursor.ins().iconst(clif_type(representation), bits)
    }

    /// What is so of code by Cranelift; branches on constants become jumps there.
    fn target_property(&mut self, property: TargetProperty) -> clif::Value {
        let answer = match property {
            // It emits the processor's division of 64 bits as it stands.
            TargetProperty::ShortDivision => true,
        };
        self.cursor.ins().iconst(types::I8, i64::from(answer))
    }

    fn data_address(&mut self, data: usize, offset: u32) -> Result<clif::Value, BackendError> {
        let symbol = Symbol::Data(u32::try_from(data).map_err(internal)?);
        let name = self.cursor.func.declare_imported_user_function(symbol.name());
        let global = self.cursor.func.create_global_value(GlobalValueData::Symbol {
            name: ExternalName::user(name),
            offset: Imm64::new(i64::from(offset)),
            colocated: true,
            tls: false,
        });
        Ok(self.cursor.ins().symbol_value(types::I64, global))
    }

    fn unary(&mut self, operation: UnaryOperation, operand: clif::Value) -> clif::Value {
        let builder = self.cursor.ins();
        match operation {
            UnaryOperation::IntegerNegate => builder.ineg(operand),
            UnaryOperation::IntegerNot => builder.bnot(operand),
            UnaryOperation::FloatNegate => builder.fneg(operand),
            UnaryOperation::FloatAbsolute => builder.fabs(operand),
            UnaryOperation::FloatSquareRoot => builder.sqrt(operand),
            UnaryOperation::FloatFloor => builder.floor(operand),
            UnaryOperation::FloatCeil => builder.ceil(operand),
            UnaryOperation::FloatTruncate => builder.trunc(operand),
            UnaryOperation::FloatNearest => builder.nearest(operand),
        }
    }

    fn binary(&mut self, operation: BinaryOperation, left: clif::Value, right: clif::Value) -> clif::Value {
        let builder = self.cursor.ins();
        match operation {
            BinaryOperation::IntegerAdd => builder.iadd(left, right),
            BinaryOperation::IntegerSubtract => builder.isub(left, right),
            BinaryOperation::IntegerMultiply => builder.imul(left, right),
            BinaryOperation::SignedDivide => builder.sdiv(left, right),
            BinaryOperation::SignedRemainder => builder.srem(left, right),
            BinaryOperation::BitAnd => builder.band(left, right),
            BinaryOperation::BitOr => builder.bor(left, right),
            BinaryOperation::BitXor => builder.bxor(left, right),
            BinaryOperation::ShiftLeft => builder.ishl(left, right),
            BinaryOperation::ShiftRightSigned => builder.sshr(left, right),
            BinaryOperation::ShiftRightUnsigned => builder.ushr(left, right),
            BinaryOperation::FloatAdd => builder.fadd(left, right),
            BinaryOperation::FloatSubtract => builder.fsub(left, right),
            BinaryOperation::FloatMultiply => builder.fmul(left, right),
            BinaryOperation::FloatDivide => builder.fdiv(left, right),
            BinaryOperation::FloatCopySign => builder.fcopysign(left, right),
        }
    }

    /// The remainder by way of the quotient: Cranelift's own asks first whether the divisor is -1, which the IR rules out
    /// where it matters, and would divide once more where the quotient is wanted too.
    fn remainder(&mut self, left: clif::Value, right: clif::Value) -> clif::Value {
        let quotient = self.cursor.ins().sdiv(left, right);
        let product = self.cursor.ins().imul(quotient, right);
        self.cursor.ins().isub(left, product)
    }

    /// Chooses; 128-bit integers by halves, since Cranelift turns a choice by comparison into a minimum or maximum,
    /// which it cannot emit for them.
    fn select(
        &mut self,
        wide: bool,
        condition: clif::Value,
        if_true: clif::Value,
        if_false: clif::Value,
    ) -> clif::Value {
        if !wide {
            return self.cursor.ins().select(condition, if_true, if_false);
        }
        let (true_low, true_high) = self.cursor.ins().isplit(if_true);
        let (false_low, false_high) = self.cursor.ins().isplit(if_false);
        let low = self.cursor.ins().select(condition, true_low, false_low);
        let high = self.cursor.ins().select(condition, true_high, false_high);
        self.cursor.ins().iconcat(low, high)
    }

    fn convert(&mut self, operation: ConvertOperation, operand: clif::Value, to: Representation) -> clif::Value {
        let to = clif_type(to);
        let builder = self.cursor.ins();
        match operation {
            ConvertOperation::SignExtend => builder.sextend(to, operand),
            ConvertOperation::ZeroExtend => builder.uextend(to, operand),
            ConvertOperation::Truncate => builder.ireduce(to, operand),
            ConvertOperation::SignedToFloat => builder.fcvt_from_sint(to, operand),
            ConvertOperation::FloatToSignedSaturating => builder.fcvt_to_sint_sat(to, operand),
            ConvertOperation::Bitcast => builder.bitcast(to, MemFlagsData::new(), operand),
            // Pointers are integers in CLIF.
            ConvertOperation::PointerToInteger => operand,
        }
    }

    fn call(
        &mut self,
        instruction: Instruction,
        callee: Callee,
        arguments: &[clif::Value],
    ) -> Result<(), BackendError> {
        let placed = match callee {
            Callee::External(external) => {
                if let Some(function) = self.thunk_of(external) {
                    return self.call_thunk(instruction, external, function, arguments);
                }
                self.placed_arguments(external, arguments)
            }
            Callee::Function(_) => None,
        };
        let callee = self.callee(callee)?;
        let call = self.cursor.ins().call(callee, placed.as_deref().unwrap_or(arguments));
        let results = self.cursor.func.dfg.inst_results(call);
        let expected = self.function.results(instruction);
        if results.len() != expected.len() {
            return Err(internal("a call with other results than its signature"));
        }
        for (value, result) in expected.iter().zip(results) {
            self.tables.values[value.index()] = (*result).into();
        }
        Ok(())
    }

    /// The function of the C runtime whose thunk calls of this function go through, where they go through one.
    fn thunk_of(&self, external: ExternalId) -> Option<RuntimeFunction> {
        let function = self.module.externals.get(external.index())?.runtime?;
        (self.thunks && function.description().rare).then_some(function)
    }

    /// Calls the thunk of a function of the C runtime.
    fn call_thunk(
        &mut self,
        instruction: Instruction,
        external: ExternalId,
        function: RuntimeFunction,
        arguments: &[clif::Value],
    ) -> Result<(), BackendError> {
        let index = external.index();
        let thunk = match self.tables.thunks[index].expand() {
            Some(known) => known,
            None => {
                let signature = thunk_signature(function, self.convention);
                let reference = self.import(Symbol::Thunk(index as u32), signature, false);
                self.tables.thunks[index] = reference.into();
                reference
            }
        };
        let Some(result) = self.function.results(instruction).first() else {
            self.cursor.ins().call(thunk, arguments);
            return Ok(());
        };
        let slot = match self.tables.thunk_result.expand() {
            Some(slot) => slot,
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, RESULT_SIZE, 3);
                let slot = self.cursor.func.create_sized_stack_slot(data);
                self.tables.thunk_result = slot.into();
                slot
            }
        };
        let place = self.cursor.ins().stack_addr(types::I64, slot, 0);
        let mut arguments: SmallVec<[clif::Value; 8]> = arguments.into();
        arguments.push(place);
        self.cursor.ins().call(thunk, &arguments);
        let representation = clif_type(self.function.representation(*result));
        // Only thunks write the slot.
        self.tables.values[result.index()] = self.cursor.ins().stack_load(types::I64, representation, slot, 0).into();
        Ok(())
    }

    /// The words of the arguments of a function of C as [`placed_signature`] has them, where it has one.
    fn placed_arguments(
        &mut self,
        external: ExternalId,
        arguments: &[clif::Value],
    ) -> Option<SmallVec<[clif::Value; 8]>> {
        let signature = &self.module.external(external).signature;
        if !is_placed(signature, self.convention) {
            return None;
        }
        let places = ArgumentPlaces::of(&signature.parameters);
        let order = PlacedOrder::of(&places);
        // Words that nothing is put into only fill up.
        let nothing = self.cursor.ins().iconst(types::I64, 0);
        let mut words: SmallVec<[clif::Value; 8]> = smallvec![nothing; order.count()];
        for ((argument, representation), place) in arguments.iter().zip(&signature.parameters).zip(&places.places) {
            let position = order.position(*place);
            words[position] = match representation {
                Representation::I128 => {
                    let (low, high) = self.cursor.ins().isplit(*argument);
                    words[position + 1] = high;
                    low
                }
                Representation::F64 if !matches!(place, ArgumentPlace::Float(_)) => {
                    self.cursor.ins().bitcast(types::I64, MemFlagsData::new(), *argument)
                }
                Representation::I8 | Representation::I16 | Representation::I32 => {
                    self.cursor.ins().sextend(types::I64, *argument)
                }
                Representation::F64 | Representation::I64 | Representation::Pointer => *argument,
            };
        }
        Some(words)
    }

    fn callee(&mut self, callee: Callee) -> Result<FuncRef, BackendError> {
        let missing = || internal("a call of a function that does not exist");
        let (known, symbol, signature, colocated) = match callee {
            Callee::Function(function) => {
                let index = function.index();
                let known = *self.tables.functions.get(index).ok_or_else(missing)?;
                let signature = &self.module.functions[index].signature;
                (known, Symbol::Function(index as u32), signature, true)
            }
            Callee::External(external) => {
                let index = external.index();
                let known = *self.tables.externals.get(index).ok_or_else(missing)?;
                let signature = &self.module.externals[index].signature;
                (known, Symbol::External(index as u32), signature, false)
            }
        };
        if let Some(known) = known.expand() {
            return Ok(known);
        }
        let signature = match (colocated, placed_signature(signature, self.convention)) {
            (false, Some(placed)) => placed,
            _ => clif_signature(signature, self.convention, !colocated),
        };
        let reference = self.import(symbol, signature, colocated);
        match callee {
            Callee::Function(function) => {
                self.tables.functions[function.index()] = reference.into();
            }
            Callee::External(external) => {
                self.tables.externals[external.index()] = reference.into();
            }
        }
        Ok(reference)
    }

    fn import(&mut self, symbol: Symbol, signature: ClifSignature, colocated: bool) -> FuncRef {
        let function = &mut *self.cursor.func;
        let signature = function.import_signature(signature);
        let name = function.declare_imported_user_function(symbol.name());
        function.import_function(ExtFuncData { name: ExternalName::user(name), signature, colocated, patchable: false })
    }

    /// Divides 128-bit integers by a call, as no host has an instruction for it.
    fn divide_wide(&mut self, helper: Helper, left: clif::Value, right: clif::Value) -> clif::Value {
        let slot = match self.tables.wide_result.expand() {
            Some(slot) => slot,
            None => {
                let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 16, 4);
                let slot = self.cursor.func.create_sized_stack_slot(data);
                self.tables.wide_result = slot.into();
                slot
            }
        };
        let mut signature = ClifSignature::new(self.convention);
        for _ in 0..5 {
            signature.params.push(AbiParam::new(types::I64));
        }
        let callee = self.import(Symbol::Helper(helper), signature, false);
        let (left_low, left_high) = self.cursor.ins().isplit(left);
        let (right_low, right_high) = self.cursor.ins().isplit(right);
        let result = self.cursor.ins().stack_addr(types::I64, slot, 0);
        let arguments = [left_low, left_high, right_low, right_high, result];
        self.cursor.ins().call(callee, &arguments);
        // No store of this function reaches the slot, only calls do, which end what is known of any memory.
        let flags = MemFlagsData::trusted();
        self.cursor.ins().load(types::I128, flags, result, 0)
    }
}

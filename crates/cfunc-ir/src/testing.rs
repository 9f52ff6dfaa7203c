//! Random modules for the tests of passes and engines. Not part of the API for users.
//!
//! The modules are verified, end, and keep the preconditions of every operation, so that all engines must agree on
//! what they compute. Where an engine is free (sign and payload of a nan), no result depends on it.

use cfunc_models::Representation::{self, F64, I8, I16, I32, I64, I128, Pointer};
use cfunc_models::RuntimeFunction;

use crate::{
    BinaryOperation, Block, ConvertOperation, DataId, DataObject, FloatCondition, FunctionBuilder, FunctionId,
    IntegerCondition, MemoryClass, Module, Signature, StackSlot, UnaryOperation, Value, Variable,
};

/// 8-byte words that the entry of a random module writes through its first parameter: i64 at even places, doubles at
/// odd ones; no nan but the positive quiet one.
pub const RESULT_WORDS: usize = 8;
/// Bytes, 0 or 1, that it writes through its second parameter.
pub const FLAG_BYTES: usize = 4;
/// 8-byte words that it reads through its third parameter: i64 at even places, doubles at odd ones.
pub const INPUT_WORDS: usize = 8;
/// Cells of a random module with cells.
pub const CELLS: usize = 8;
/// How many of these, the last ones, may be NULL.
pub const OPTIONAL_CELLS: usize = 4;

/// The generator of numbers: splitmix64.
pub struct RandomNumbers(u64);

impl RandomNumbers {
    /// A sequence that the seed determines.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.bits() % bound as u64).unwrap_or(0)
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// An integer, often one at an edge.
    pub fn integer(&mut self) -> i64 {
        const EDGES: &[i64] =
            &[0, 1, -1, 2, 7, 63, 64, 127, -128, 32_767, -32_768, i32::MAX as i64, i32::MIN as i64, i64::MAX, i64::MIN];
        match self.below(3) {
            0 => self.pick(EDGES),
            1 => self.bits().cast_signed() >> self.below(64),
            _ => self.bits().cast_signed() % 16,
        }
    }

    /// A double, often one at an edge.
    pub fn float(&mut self) -> f64 {
        const EDGES: &[f64] = &[
            0.0,
            -0.0,
            1.0,
            -1.5,
            0.5,
            2.5,
            1e300,
            -1e-300,
            5e-324,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            9_223_372_036_854_775_808.0,
            -9_223_372_036_854_775_808.0,
        ];
        match self.below(3) {
            0 => self.pick(EDGES),
            1 => self.bits().cast_signed() as f64 / 1e15,
            _ => (self.bits().cast_signed() % 100) as f64 / 4.0,
        }
    }
}

/// Words for the third parameter of the entry of a random module.
pub fn random_inputs(seed: u64) -> [u64; INPUT_WORDS] {
    let mut random = RandomNumbers::new(seed);
    std::array::from_fn(
        |index| {
            if index % 2 == 0 { random.integer().cast_unsigned() } else { random.float().to_bits() }
        },
    )
}

/// A module of a few functions of about `size` statements each, the same for the same arguments.
///
/// Its entry has the parameters of a node, `(ptr, ptr, ptr, i8)`: [`RESULT_WORDS`], [`FLAG_BYTES`], [`INPUT_WORDS`] and
/// a number from 0 to 2. Its other functions take and return numbers. A call of the entry executes at most about
/// 1,000 instructions a statement.
pub fn random_module(seed: u64, size: usize) -> Module {
    generate(seed, size, Form { in_memory: false, cells: false })
}

/// As [`random_module`], with cells: the entry has one parameter more, an array of [`CELLS`] pointers to 8-byte cells, to
/// i64 at even places and to doubles at odd ones. The last [`OPTIONAL_CELLS`] may be NULL: they are only touched where the
/// module has looked. It writes the cells, and its results also on the way, and calls a function that writes cells.
pub fn random_module_with_cells(seed: u64, size: usize) -> Module {
    generate(seed, size, Form { in_memory: false, cells: true })
}

/// As [`random_module`], with every variable in a stack slot instead: another module that computes the same, to hold
/// the construction of block parameters against.
pub fn random_module_in_memory(seed: u64, size: usize) -> Module {
    generate(seed, size, Form { in_memory: true, cells: false })
}

/// What random modules are made of.
#[derive(Clone, Copy)]
struct Form {
    /// Every variable is in a stack slot.
    in_memory: bool,
    /// There are cells.
    cells: bool,
}

fn generate(seed: u64, size: usize, form: Form) -> Module {
    let mut random = RandomNumbers::new(seed);
    let mut module = Module::new();
    let table = module.add_data(DataObject {
        name: "table".to_owned(),
        alignment: 16,
        contents: (0..TABLE_WORDS).flat_map(|_| random.integer().to_le_bytes()).collect(),
        relocations: Vec::new(),
    });
    let mut finished: Vec<(FunctionId, Signature)> = Vec::new();
    for index in 0..random.below(3) {
        let parameters: Vec<Representation> = (0..random.below(5)).map(|_| random.pick(SCALARS)).collect();
        let results: Vec<Representation> = (0..random.below(3)).map(|_| random.pick(SCALARS)).collect();
        let signature = Signature::new(&parameters, &results);
        let name = format!("helper_{index}");
        let builder = FunctionBuilder::new(&mut module, &name, signature.clone());
        let generator = Generator::new(builder, &mut random, table, size, &finished, form);
        let function = generator.helper(&signature);
        finished.push((function, signature));
    }
    let mut parameters = vec![Pointer, Pointer, Pointer, I8];
    let toucher = form.cells.then(|| {
        parameters.push(Pointer);
        touching_function(&mut module)
    });
    let signature = Signature::new(&parameters, &[]);
    let builder = FunctionBuilder::new(&mut module, "entry", signature);
    let generator = Generator::new(builder, &mut random, table, size, &finished, form);
    module.entry = Some(generator.entry(toucher));
    module
}

/// A function that adds a number to the i64 in a cell.
fn touching_function(module: &mut Module) -> FunctionId {
    let mut builder = FunctionBuilder::new(module, "touch", Signature::new(&[Pointer, I64], &[I64]));
    let (cell, number) = (builder.parameter(0), builder.parameter(1));
    let held = builder.load(I64, cell, 0, MemoryClass::State);
    let sum = builder.binary(BinaryOperation::IntegerAdd, held, number);
    builder.store(sum, cell, 0, MemoryClass::State);
    builder.return_values(&[held]);
    builder.finish()
}

const TABLE_WORDS: usize = 16;
const SCALARS: &[Representation] = &[I8, I16, I32, I64, F64];
const NUMBERS: &[Representation] = &[I8, I16, I32, I64, I64, I128, F64, F64];
const INTEGERS: &[Representation] = &[I8, I16, I32, I64, I64, I128];
const SLOT_BYTES: u32 = 32;

/// Where a mutable variable is.
#[derive(Clone, Copy)]
enum Place {
    Variable(Variable),
    Slot(StackSlot, Representation),
}

struct Generator<'module, 'random> {
    builder: FunctionBuilder<'module>,
    random: &'random mut RandomNumbers,
    table: DataId,
    callable: &'random [(FunctionId, Signature)],
    form: Form,
    /// The array of cells and the function that writes one, where there are any.
    cells: Option<(Value, FunctionId)>,
    /// Values that may be used here.
    pool: Vec<Value>,
    variables: Vec<(Place, Representation)>,
    /// Stack slots, and what all of each holds.
    slots: Vec<(StackSlot, Representation)>,
    results: Vec<Representation>,
    statements: usize,
    depth: usize,
    loops: usize,
}

impl<'module, 'random> Generator<'module, 'random> {
    fn new(
        builder: FunctionBuilder<'module>,
        random: &'random mut RandomNumbers,
        table: DataId,
        size: usize,
        callable: &'random [(FunctionId, Signature)],
        form: Form,
    ) -> Self {
        Self {
            builder,
            random,
            table,
            callable,
            form,
            cells: None,
            pool: Vec::new(),
            variables: Vec::new(),
            slots: Vec::new(),
            results: Vec::new(),
            statements: size,
            depth: 0,
            loops: 0,
        }
    }

    fn helper(mut self, signature: &Signature) -> FunctionId {
        self.pool = (0..signature.parameters.len()).map(|index| self.builder.parameter(index)).collect();
        self.results = signature.results.to_vec();
        self.body();
        self.return_random();
        self.builder.finish()
    }

    fn entry(mut self, toucher: Option<FunctionId>) -> FunctionId {
        self.cells = toucher.map(|toucher| (self.builder.parameter(4), toucher));
        let inputs = self.builder.parameter(2);
        for index in 0..INPUT_WORDS {
            let representation = if index % 2 == 0 { I64 } else { F64 };
            let value = self.builder.load(representation, inputs, word(index), MemoryClass::Input);
            self.pool.push(value);
        }
        self.pool.push(self.builder.parameter(3));
        // An early return would leave results unwritten, so it is none of the entry's statements.
        self.body();
        for index in 0..RESULT_WORDS {
            let representation = if index % 2 == 0 { I64 } else { F64 };
            let mut value = self.operand(representation);
            if representation == F64 {
                value = self.canonical(value);
            }
            let outputs = self.builder.parameter(0);
            self.builder.store(value, outputs, word(index), MemoryClass::Output);
        }
        for index in 0..FLAG_BYTES {
            let value = self.condition();
            let flags = self.builder.parameter(1);
            let offset = i32::try_from(index).unwrap_or(0);
            self.builder.store(value, flags, offset, MemoryClass::OutputTicked);
        }
        self.builder.return_values(&[]);
        self.builder.finish()
    }

    fn body(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            let representation = self.random.pick(NUMBERS);
            let variable = self.declare(representation);
            // Half of them are read before they are written on some paths.
            if self.random.below(2) == 0 {
                let value = self.operand(representation);
                self.define(variable, value);
            }
            self.variables.push((variable, representation));
        }
        for _ in 0..self.random.below(3) {
            let representation = self.random.pick(NUMBERS);
            let slot = self.builder.create_stack_slot(SLOT_BYTES, 16);
            self.slots.push((slot, representation));
            for index in 0..SLOT_BYTES / representation.size() {
                let value = self.operand(representation);
                let offset = index * representation.size();
                self.store_slot(slot, value, offset);
            }
        }
        while self.statements > 0 {
            self.statement();
        }
    }

    fn declare(&mut self, representation: Representation) -> Place {
        if !self.form.in_memory {
            return Place::Variable(self.builder.declare_variable(representation));
        }
        let slot = self.builder.create_stack_slot(16, 16);
        let zero = self.builder.zero(representation);
        self.store_slot(slot, zero, 0);
        Place::Slot(slot, representation)
    }

    fn define(&mut self, place: Place, value: Value) {
        match place {
            Place::Variable(variable) => self.builder.define_variable(variable, value),
            Place::Slot(slot, _) => self.store_slot(slot, value, 0),
        }
    }

    fn read(&mut self, place: Place) -> Value {
        match place {
            Place::Variable(variable) => self.builder.use_variable(variable),
            Place::Slot(slot, representation) => {
                let address = self.builder.stack_address(slot);
                self.builder.load(representation, address, 0, MemoryClass::Stack)
            }
        }
    }

    fn store_slot(&mut self, slot: StackSlot, value: Value, offset: u32) {
        let address = self.builder.stack_address(slot);
        let offset = i32::try_from(offset).unwrap_or(0);
        self.builder.store(value, address, offset, MemoryClass::Stack);
    }

    fn statement(&mut self) {
        self.statements = self.statements.saturating_sub(1);
        if let Some((cells, toucher)) = self.cells
            && self.random.below(3) == 0
        {
            return self.cell(cells, toucher);
        }
        match self.random.below(20) {
            0 if self.depth < 3 => self.conditional(),
            1 if self.depth < 3 => self.loop_of_few_rounds(),
            2 if self.depth < 3 => self.merge(),
            3 if !self.slots.is_empty() => self.memory(),
            4 => self.table_read(),
            5 if self.loops == 0 && !self.callable.is_empty() => self.call(),
            6 => self.runtime_call(),
            7 => self.addresses(),
            8 if self.depth > 0 && !self.results.is_empty() && self.random.below(4) == 0 => {
                self.return_random();
            }
            9 => self.unreachable_branch(),
            10..=12 => {
                let (variable, representation) = self.random.pick(&self.variables);
                let value = self.operand(representation);
                self.define(variable, value);
            }
            13..=14 => {
                let (variable, _) = self.random.pick(&self.variables);
                let value = self.read(variable);
                self.pool.push(value);
            }
            _ => {
                let value = self.operation();
                self.pool.push(value);
            }
        }
    }

    /// A value of a representation that may be used here, or a constant.
    fn operand(&mut self, representation: Representation) -> Value {
        if self.random.below(5) != 0 {
            for _ in 0..8.min(self.pool.len()) {
                let value = self.random.pick(&self.pool);
                if self.builder.representation(value) == representation {
                    return value;
                }
            }
        }
        let value = self.random.integer();
        match representation {
            F64 => self.builder.float64(self.random.float()),
            Pointer => self.builder.zero(Pointer),
            I128 | I64 => self.builder.integer_constant(representation, value),
            narrow => {
                let unused = 64 - 8 * narrow.size();
                self.builder.integer_constant(narrow, value << unused >> unused)
            }
        }
    }

    /// An i8 of 0 or 1.
    fn condition(&mut self) -> Value {
        if self.random.below(3) == 0 {
            let (left, right) = (self.operand(F64), self.operand(F64));
            let condition = self.random.pick(FloatCondition::ALL);
            return self.builder.float_compare(condition, left, right);
        }
        let representation = self.random.pick(INTEGERS);
        let (left, right) = (self.operand(representation), self.operand(representation));
        let condition = self.random.pick(IntegerCondition::ALL);
        self.builder.integer_compare(condition, left, right)
    }

    /// The double, or the one nan if it is one.
    fn canonical(&mut self, value: Value) -> Value {
        let unordered = self.builder.float_compare(FloatCondition::Unordered, value, value);
        let nan = self.builder.float64(f64::NAN);
        self.builder.select(unordered, nan, value)
    }

    fn operation(&mut self) -> Value {
        match self.random.below(8) {
            0 => {
                let operation = self.random.pick(UnaryOperation::ALL);
                let representation = match operation {
                    UnaryOperation::IntegerNegate | UnaryOperation::IntegerNot => self.random.pick(INTEGERS),
                    _ => F64,
                };
                let operand = self.operand(representation);
                self.builder.unary(operation, operand)
            }
            1..=4 => self.binary(),
            5 => self.convert(),
            6 => self.condition(),
            _ => {
                let representation = self.random.pick(NUMBERS);
                // Any i8 is a condition.
                let condition = self.operand(I8);
                let if_true = self.operand(representation);
                let if_false = self.operand(representation);
                self.builder.select(condition, if_true, if_false)
            }
        }
    }

    fn binary(&mut self) -> Value {
        let operation = self.random.pick(BinaryOperation::ALL);
        match operation {
            BinaryOperation::FloatAdd
            | BinaryOperation::FloatSubtract
            | BinaryOperation::FloatMultiply
            | BinaryOperation::FloatDivide => {
                let (left, right) = (self.operand(F64), self.operand(F64));
                self.builder.binary(operation, left, right)
            }
            BinaryOperation::FloatCopySign => {
                let (left, right) = (self.operand(F64), self.operand(F64));
                let right = self.canonical(right);
                self.builder.binary(operation, left, right)
            }
            BinaryOperation::SignedDivide | BinaryOperation::SignedRemainder => {
                let representation = self.random.pick(&[I8, I16, I32, I64]);
                let (left, right) = (self.operand(representation), self.operand(representation));
                // Divisors 0 and -1 become 1.
                let one = self.builder.integer_constant(representation, 1);
                let shifted = self.builder.binary(BinaryOperation::IntegerAdd, right, one);
                let condition = IntegerCondition::UnsignedLessOrEqual;
                let unsafe_divisor = self.builder.integer_compare(condition, shifted, one);
                let divisor = self.builder.select(unsafe_divisor, one, right);
                self.builder.binary(operation, left, divisor)
            }
            _ => {
                let representation = self.random.pick(INTEGERS);
                let (left, right) = (self.operand(representation), self.operand(representation));
                self.builder.binary(operation, left, right)
            }
        }
    }

    fn convert(&mut self) -> Value {
        const WIDTHS: &[Representation] = &[I8, I16, I32, I64, I128];
        let operation = self.random.pick(ConvertOperation::ALL);
        match operation {
            ConvertOperation::SignExtend | ConvertOperation::ZeroExtend | ConvertOperation::Truncate => {
                let narrow = self.random.below(WIDTHS.len() - 1);
                let wide = narrow + 1 + self.random.below(WIDTHS.len() - 1 - narrow);
                let (from, to) = match operation {
                    ConvertOperation::Truncate => (wide, narrow),
                    _ => (narrow, wide),
                };
                let operand = self.operand(WIDTHS[from]);
                self.builder.convert(operation, operand, WIDTHS[to])
            }
            ConvertOperation::SignedToFloat => {
                let operand = self.operand(I64);
                self.builder.convert(operation, operand, F64)
            }
            ConvertOperation::FloatToSignedSaturating => {
                let operand = self.operand(F64);
                self.builder.convert(operation, operand, I64)
            }
            ConvertOperation::Bitcast | ConvertOperation::PointerToInteger => {
                if self.random.below(2) == 0 {
                    let operand = self.operand(I64);
                    return self.builder.convert(ConvertOperation::Bitcast, operand, F64);
                }
                let operand = self.operand(F64);
                let operand = self.canonical(operand);
                self.builder.convert(ConvertOperation::Bitcast, operand, I64)
            }
        }
    }

    /// Statements inside of a branch or loop; what they define is not seen outside.
    fn nested(&mut self, count: usize) {
        let visible = self.pool.len();
        self.depth += 1;
        for _ in 0..count {
            self.statement();
        }
        self.depth -= 1;
        self.pool.truncate(visible);
    }

    fn conditional(&mut self) {
        let condition = self.condition();
        let if_true = self.builder.create_block();
        let if_false = self.builder.create_cold_block();
        let join = self.builder.create_block();
        self.builder.branch(condition, if_true, if_false);
        for block in [if_true, if_false] {
            self.builder.switch_to(block);
            let count = self.random.below(5);
            self.nested(count);
            self.builder.jump(join, &[]);
        }
        self.builder.switch_to(join);
    }

    fn loop_of_few_rounds(&mut self) {
        let counter = self.declare(I64);
        let zero = self.builder.int64(0);
        self.define(counter, zero);
        let (head, body, exit) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.jump(head, &[]);
        self.builder.switch_to(head);
        let round = self.read(counter);
        let bound = i64::try_from(1 + self.random.below(4)).unwrap_or(1);
        let more = self.builder.integer_compare_constant(IntegerCondition::SignedLess, round, bound);
        self.builder.branch(more, body, exit);
        self.builder.switch_to(body);
        let visible = self.pool.len();
        self.pool.push(round);
        self.loops += 1;
        let count = 1 + self.random.below(5);
        self.nested(count);
        if self.random.below(3) == 0 {
            self.leave_loop(exit);
        }
        self.loops -= 1;
        self.pool.truncate(visible);
        let one = self.builder.int64(1);
        let next = self.builder.binary(BinaryOperation::IntegerAdd, round, one);
        self.define(counter, next);
        self.builder.jump(head, &[]);
        self.builder.switch_to(exit);
    }

    fn leave_loop(&mut self, exit: Block) {
        let condition = self.condition();
        let stay = self.builder.create_block();
        self.builder.branch(condition, exit, stay);
        self.builder.switch_to(stay);
    }

    /// Two jumps with arguments to one block.
    fn merge(&mut self) {
        let representation = self.random.pick(NUMBERS);
        let (left, right) = (self.operand(representation), self.operand(representation));
        let condition = self.condition();
        let join = self.builder.create_block();
        let merged = self.builder.add_block_parameter(join, representation);
        if self.random.below(2) == 0 {
            self.builder.branch_with(condition, (join, &[left]), (join, &[right]));
        } else {
            let other = self.builder.create_block();
            self.builder.branch_with(condition, (join, &[left]), (other, &[]));
            self.builder.switch_to(other);
            self.nested(2);
            self.builder.jump(join, &[right]);
        }
        self.builder.switch_to(join);
        self.pool.push(merged);
    }

    fn memory(&mut self) {
        let (slot, representation) = self.random.pick(&self.slots);
        let size = representation.size();
        let places = usize::try_from(SLOT_BYTES / size).unwrap_or(1);
        let place = u32::try_from(self.random.below(places)).unwrap_or(0);
        if self.random.below(2) == 0 {
            let value = self.operand(representation);
            return self.store_slot(slot, value, place * size);
        }
        // Reads through a computed address.
        let index = self.operand(I64);
        let mask = self.builder.int64(i64::from(SLOT_BYTES - 1) & -i64::from(size));
        let offset = self.builder.binary(BinaryOperation::BitAnd, index, mask);
        let address = self.builder.stack_address(slot);
        let address = self.builder.pointer_add(address, offset);
        let value = self.builder.load(representation, address, 0, MemoryClass::Stack);
        self.pool.push(value);
    }

    /// Reads or writes a cell, or a result.
    fn cell(&mut self, cells: Value, toucher: FunctionId) {
        let index = self.random.below(CELLS);
        let representation = if index.is_multiple_of(2) { I64 } else { F64 };
        if self.random.below(6) == 0 {
            let value = self.operand(representation);
            let value = if representation == F64 { self.canonical(value) } else { value };
            let outputs = self.builder.parameter(0);
            self.builder.store(value, outputs, word(index), MemoryClass::Output);
            let (flags, one) = (self.builder.parameter(1), self.builder.boolean(true));
            let offset = i32::try_from(index % FLAG_BYTES).unwrap_or(0);
            return self.builder.store(one, flags, offset, MemoryClass::OutputTicked);
        }
        let address = self.builder.load(Pointer, cells, word(index), MemoryClass::Slot);
        let visible = self.pool.len();
        let join = (index >= CELLS - OPTIONAL_CELLS).then(|| {
            let (present, join) = (self.builder.create_block(), self.builder.create_block());
            let is_present = self.builder.integer_compare_constant(IntegerCondition::NotEqual, address, 0);
            self.builder.branch(is_present, present, join);
            self.builder.switch_to(present);
            join
        });
        for _ in 0..1 + self.random.below(3) {
            // The source computes the address each time.
            let address = self.builder.load(Pointer, cells, word(index), MemoryClass::Slot);
            match self.random.below(7) {
                0..=2 => {
                    let value = self.builder.load(representation, address, 0, MemoryClass::State);
                    self.pool.push(value);
                }
                3..=5 => {
                    let value = self.operand(representation);
                    let value = if representation == F64 { self.canonical(value) } else { value };
                    self.builder.store(value, address, 0, MemoryClass::State);
                }
                _ if representation == I64 => {
                    let number = self.operand(I64);
                    self.builder.call_function(toucher, &[address, number]);
                }
                // What is known of cells stays known over it.
                _ => {
                    self.builder.call_runtime(RuntimeFunction::Poll, &[]);
                }
            }
        }
        if let Some(join) = join {
            self.pool.truncate(visible);
            self.builder.jump(join, &[]);
            self.builder.switch_to(join);
        }
    }

    fn table_read(&mut self) {
        let representation = self.random.pick(INTEGERS);
        let size = usize::try_from(representation.size()).unwrap_or(1);
        let offset = self.random.below(8 * TABLE_WORDS / size) * size;
        let offset = u32::try_from(offset).unwrap_or(0);
        let address = self.builder.data_address(self.table, offset);
        let value = self.builder.load(representation, address, 0, MemoryClass::Constant);
        self.pool.push(value);
    }

    fn call(&mut self) {
        let chosen = self.random.below(self.callable.len());
        let (function, signature) = &self.callable[chosen];
        let arguments: Vec<Value> =
            signature.parameters.iter().map(|representation| self.operand(*representation)).collect();
        let results = self.builder.call_function(*function, &arguments);
        self.pool.extend(results);
    }

    fn runtime_call(&mut self) {
        let function = self.random.pick(&[
            RuntimeFunction::IntegerPower,
            RuntimeFunction::IntegerGcd,
            RuntimeFunction::FloatFloorDivide,
            RuntimeFunction::FloatModulo,
            RuntimeFunction::FloatRoundEven,
        ]);
        let arguments: Vec<Value> =
            function.description().parameters.iter().map(|representation| self.operand(*representation)).collect();
        let result = self.builder.call_runtime(function, &arguments);
        self.pool.extend(result);
    }

    /// What is the same wherever things lie in memory: distances and comparisons within one object.
    fn addresses(&mut self) {
        let start = self.builder.data_address(self.table, 0);
        let offset = self.operand(I64);
        let moved = self.builder.pointer_add(start, offset);
        let convert = ConvertOperation::PointerToInteger;
        let start_address = self.builder.convert(convert, start, I64);
        let moved_address = self.builder.convert(convert, moved, I64);
        let subtract = BinaryOperation::IntegerSubtract;
        let distance = self.builder.binary(subtract, moved_address, start_address);
        let null = self.builder.zero(Pointer);
        let is_null = self.builder.integer_compare(IntegerCondition::Equal, start, null);
        let chosen = self.builder.select(is_null, null, start);
        let same = self.builder.integer_compare(IntegerCondition::Equal, chosen, start);
        self.pool.extend([distance, same]);
    }

    fn unreachable_branch(&mut self) {
        let value = self.operand(I64);
        let never = self.builder.integer_compare(IntegerCondition::SignedLess, value, value);
        let (trap, go_on) = (self.builder.create_cold_block(), self.builder.create_block());
        self.builder.branch(never, trap, go_on);
        self.builder.switch_to(trap);
        self.builder.unreachable();
        self.builder.switch_to(go_on);
    }

    fn return_random(&mut self) {
        let representations = self.results.clone();
        let values: Vec<Value> = representations.iter().map(|representation| self.operand(*representation)).collect();
        self.builder.return_values(&values);
    }
}

fn word(index: usize) -> i32 {
    i32::try_from(8 * index).unwrap_or(0)
}

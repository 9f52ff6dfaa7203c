//! From mutable variables to block parameters.
//!
//! While a function is built, a read that its block does not answer gives a value that stands for the variable at the
//! start of the block. When all edges are known, [`Placement`] says what each of them is; parameters whose arguments are
//! all one value are replaced by it. Nothing recurses, so the length of a function is bounded by memory alone, and nobody
//! has to say when a block is sealed.

use std::collections::VecDeque;

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::dominators::DominatorTree;
use crate::passes::WordMap;
use crate::placement::Placement;
use crate::{Block, Function, Instruction, InstructionData, Terminator, Value, ValueDefinition, Variable};

/// What is known of the variables of a function under construction.
#[derive(Default)]
pub(crate) struct SsaState {
    variables: Vec<VariableData>,
    /// The value of a variable at the end of a block that reads or defines it.
    ends: WordMap<(Block, Variable), Value>,
    reads: Vec<Read>,
    entered: Vec<bool>,
    placed: Vec<bool>,
    has_variable_parameters: Vec<bool>,
}

struct VariableData {
    representation: Representation,
    /// The blocks that define it; one may be there more than once.
    definitions: SmallVec<[Block; 2]>,
}

/// A value that stands for a variable at the start of a block.
struct Read {
    variable: Variable,
    block: Block,
    value: Value,
}

impl SsaState {
    pub(crate) fn declare(&mut self, representation: Representation) -> Variable {
        self.variables.push(VariableData { representation, definitions: SmallVec::new() });
        Variable::from_index(self.variables.len() - 1)
    }

    pub(crate) fn representation(&self, variable: Variable) -> Representation {
        self.variables[variable.index()].representation
    }

    pub(crate) fn is_placed(&self, block: Block) -> bool {
        self.placed.get(block.index()).copied().unwrap_or(false)
    }

    pub(crate) fn place(&mut self, block: Block) {
        set(&mut self.placed, block);
    }

    /// Whether a variable was read in a block that does not define it: the block's own parameters come before those made
    /// for variables, which jumps do not name.
    pub(crate) fn has_variable_parameters(&self, block: Block) -> bool {
        self.has_variable_parameters.get(block.index()).copied().unwrap_or(false)
    }

    pub(crate) fn has_predecessor(&self, block: Block) -> bool {
        self.entered.get(block.index()).copied().unwrap_or(false)
    }

    pub(crate) fn note_edge(&mut self, to: Block) {
        set(&mut self.entered, to);
    }

    pub(crate) fn define(&mut self, block: Block, variable: Variable, value: Value) {
        self.ends.insert((block, variable), value);
        let definitions = &mut self.variables[variable.index()].definitions;
        if definitions.last() != Some(&block) {
            definitions.push(block);
        }
    }

    pub(crate) fn read(&mut self, function: &mut Function, block: Block, variable: Variable) -> Value {
        if let Some(value) = self.ends.get(&(block, variable)) {
            return *value;
        }
        let representation = self.representation(variable);
        let value = if block == function.layout[0] {
            prepend_zero(function, representation)
        } else {
            set(&mut self.has_variable_parameters, block);
            let value = function.add_value(representation, ValueDefinition::Parameter(block, u32::MAX));
            self.reads.push(Read { variable, block, value });
            value
        };
        self.ends.insert((block, variable), value);
        value
    }

    /// Says what every read is, and removes what is redundant.
    pub(crate) fn finish(mut self, function: &mut Function) {
        debug_assert!(!self.has_predecessor(function.layout[0]), "the entry block has no predecessor");
        remove_unreachable(function);
        let mut classes = Classes::new(function.values.len());
        if !self.reads.is_empty() {
            // Variable by variable, each in the order in which it was read.
            self.reads.sort_by_key(|read| read.variable);
            let tree = DominatorTree::new(function);
            let all_ends = &self.ends;
            let mut placement = Placement::new(function, &tree);
            for reads in self.reads.chunk_by(|left, right| left.variable == right.variable) {
                let variable = reads[0].variable;
                let data = &self.variables[variable.index()];
                let ends = move |block| all_ends.get(&(block, variable)).copied();
                placement.variable(data.representation, &data.definitions, ends);
                for read in reads.iter().filter(|read| tree.is_reachable(read.block)) {
                    if let Some(other) = placement.read(tree.position(read.block), read.value) {
                        classes.replace(read.value, other);
                    }
                }
                placement.give_arguments();
            }
            placement.finish();
        }
        remove_redundant(function, classes);
    }
}

fn set(flags: &mut Vec<bool>, block: Block) {
    if flags.len() <= block.index() {
        flags.resize(block.index() + 1, false);
    }
    flags[block.index()] = true;
}

/// A zero at the start of the function.
pub(crate) fn prepend_zero(function: &mut Function, representation: Representation) -> Value {
    let (instruction, value) = zero(function, representation);
    let entry = function.layout[0];
    function.block_mut(entry).instructions.insert(0, instruction);
    value
}

/// A zero that is in no block yet.
pub(crate) fn zero(function: &mut Function, representation: Representation) -> (Instruction, Value) {
    let data = match representation {
        Representation::F64 => InstructionData::FloatConstant { bits: 0 },
        _ => InstructionData::IntegerConstant { representation, value: 0 },
    };
    let instruction = function.add_instruction(data, &[representation]);
    (instruction, function.results(instruction)[0])
}

/// Ends open blocks as unreachable, and takes blocks that no path reaches out of the layout.
pub(crate) fn remove_unreachable(function: &mut Function) {
    let mut reached = vec![false; function.blocks.len()];
    let mut work = Vec::with_capacity(8);
    work.push(function.layout[0]);
    reached[function.layout[0].index()] = true;
    while let Some(block) = work.pop() {
        let terminator = function.block_mut(block).terminator.get_or_insert(Terminator::Unreachable);
        for target in terminator.targets() {
            if !reached[target.block.index()] {
                reached[target.block.index()] = true;
                work.push(target.block);
            }
        }
    }
    // What is left in `reached` is to be placed.
    function.layout.retain(|block| std::mem::take(&mut reached[block.index()]));
    for (index, reached) in reached.iter().enumerate() {
        if *reached {
            function.layout.push(Block::from_index(index));
        }
    }
}

/// Replaces every parameter whose arguments are all one value (or itself) by that value.
///
/// Replaced values form classes, each with the value that stands for it. When two classes become one, only a parameter
/// that takes an argument from both can become redundant by it, so it is enough to look again at the users of the one
/// that has fewer, and at the value that stands for both: the work stays near linear in the number of arguments.
pub(crate) fn remove_redundant_parameters(function: &mut Function) {
    let classes = Classes::new(function.values.len());
    remove_redundant(function, classes);
}

/// As [`remove_redundant_parameters`], where some values are replaced already.
fn remove_redundant(function: &mut Function, mut classes: Classes) {
    classes.cover(function.values.len());
    let entry = function.layout[0];
    let mut work: VecDeque<Value> = function
        .layout
        .iter()
        .filter(|block| **block != entry)
        .flat_map(|block| function.block(*block).parameters.iter().copied())
        .collect();
    if work.is_empty() {
        return classes.apply(function);
    }
    let mut queued = vec![false; function.values.len()];
    for parameter in &work {
        queued[parameter.index()] = true;
    }
    // The arguments of every parameter, and which parameters take a value of a class as an argument.
    let mut arguments: Vec<SmallVec<[Value; 2]>> = vec![SmallVec::new(); function.values.len()];
    let mut users: Vec<Vec<Value>> = vec![Vec::new(); function.values.len()];
    for block in &function.layout {
        let Some(terminator) = &function.block(*block).terminator else {
            continue;
        };
        for target in terminator.targets() {
            let parameters = &function.block(target.block).parameters;
            for (parameter, argument) in parameters.iter().zip(&target.arguments) {
                let argument = classes.representative(*argument);
                arguments[parameter.index()].push(argument);
                users[argument.index()].push(*parameter);
            }
        }
    }
    while let Some(parameter) = work.pop_front() {
        queued[parameter.index()] = false;
        if classes.is_replaced(parameter) {
            continue;
        }
        let Some(only) = only_argument(parameter, &arguments[parameter.index()], &mut classes) else {
            continue;
        };
        classes.replace(parameter, only);
        let mut fewer = std::mem::take(&mut users[parameter.index()]);
        let more = &mut users[only.index()];
        if fewer.len() > more.len() {
            std::mem::swap(&mut fewer, more);
        }
        for user in fewer.iter().chain([&only]) {
            if !std::mem::replace(&mut queued[user.index()], true) {
                work.push_back(*user);
            }
        }
        more.append(&mut fewer);
    }
    classes.apply(function);
}

/// The one value other than the parameter itself that stands for its arguments.
fn only_argument(parameter: Value, arguments: &[Value], classes: &mut Classes) -> Option<Value> {
    let mut only = None;
    for argument in arguments {
        let argument = classes.representative(*argument);
        if argument == parameter || only == Some(argument) {
            continue;
        }
        if only.is_some() {
            return None;
        }
        only = Some(argument);
    }
    only
}

/// Which value stands for which.
struct Classes {
    replacement: Vec<Option<Value>>,
    changed: bool,
}

impl Classes {
    fn new(values: usize) -> Self {
        Self { replacement: vec![None; values], changed: false }
    }

    /// Knows values that were added since.
    fn cover(&mut self, values: usize) {
        self.replacement.resize(values, None);
    }

    /// Replaces in the function what is replaced.
    fn apply(self, function: &mut Function) {
        if self.changed {
            let replacement = self.finish();
            rewrite(function, &replacement);
        }
    }

    fn is_replaced(&self, value: Value) -> bool {
        self.replacement[value.index()].is_some()
    }

    fn replace(&mut self, value: Value, by: Value) {
        self.replacement[value.index()] = Some(by);
        self.changed = true;
    }

    /// The value that stands for this one; paths to it are halved on the way.
    fn representative(&mut self, mut value: Value) -> Value {
        while let Some(next) = self.replacement[value.index()] {
            if let Some(after) = self.replacement[next.index()] {
                self.replacement[value.index()] = Some(after);
            }
            value = next;
        }
        value
    }

    /// Every replaced value with the value that stands for it, in one step.
    fn finish(mut self) -> Vec<Option<Value>> {
        for index in 0..self.replacement.len() {
            if self.replacement[index].is_some() {
                self.replacement[index] = Some(self.representative(Value::from_index(index)));
            }
        }
        self.replacement
    }
}

/// Puts other values in the place of values; parameters that are replaced go away.
pub(crate) fn rewrite(function: &mut Function, replacement: &[Option<Value>]) {
    let replace = |value: &mut Value| {
        if let Some(other) = replacement[value.index()] {
            *value = other;
        }
    };
    let layout = std::mem::take(&mut function.layout);
    for block in &layout {
        for instruction in &function.blocks[block.index()].instructions {
            function.instructions[instruction.index()].for_each_operand_mut(replace);
        }
        let Some(mut terminator) = function.block_mut(*block).terminator.take() else {
            continue;
        };
        for target in terminator.targets_mut() {
            let parameters = &function.block(target.block).parameters;
            let mut index = 0;
            target.arguments.retain(|_| {
                index += 1;
                parameters.get(index - 1).is_none_or(|parameter| replacement[parameter.index()].is_none())
            });
        }
        terminator.for_each_operand_mut(replace);
        function.block_mut(*block).terminator = Some(terminator);
    }
    for block in &layout {
        let parameters = &mut function.blocks[block.index()].parameters;
        if parameters.iter().all(|parameter| replacement[parameter.index()].is_none()) {
            continue;
        }
        parameters.retain(|parameter| replacement[parameter.index()].is_none());
        for (position, parameter) in (0..).zip(parameters) {
            function.values[parameter.index()].1 = ValueDefinition::Parameter(*block, position);
        }
    }
    function.layout = layout;
}

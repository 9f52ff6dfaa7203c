//! Dead code: what no result, store or call depends on goes away, parameters of blocks among it, and so do loops'
//! values that only feed themselves.

use crate::passes::subject::{Subject, effects_of, is_droppable};
use crate::ssa::remove_unreachable;
use crate::{Function, Terminator, Value, ValueDefinition};

/// Removes the dead code of the function.
pub(crate) fn dead_code(subject: &mut Subject<'_>) {
    remove_unreachable(subject.function);
    let mut live = Live { marked: vec![false; subject.function.values.len()], work: Vec::new() };
    let incoming = Incoming::new(subject.function);
    for block in &subject.function.layout {
        let data = subject.function.block(*block);
        for instruction in &data.instructions {
            let data = subject.function.instruction(*instruction);
            if !is_droppable(data, |callee| subject.effects(callee)) {
                data.for_each_operand(|value| live.mark(value));
                subject.function.results(*instruction).iter().for_each(|value| live.marked[value.index()] = true);
            }
        }
        match &data.terminator {
            Some(Terminator::Branch { condition, .. }) => live.mark(*condition),
            Some(Terminator::Return(values)) => values.iter().for_each(|value| live.mark(*value)),
            Some(Terminator::Jump(_) | Terminator::Unreachable) | None => {}
        }
    }
    while let Some(value) = live.work.pop() {
        match subject.function.definition(value) {
            ValueDefinition::Result(instruction, _) => {
                subject.function.instruction(instruction).for_each_operand(|value| live.mark(value));
            }
            ValueDefinition::Parameter(block, position) => {
                for argument in incoming.arguments(subject.function, block.index(), position as usize) {
                    live.mark(argument);
                }
            }
        }
    }
    sweep(subject, &live.marked);
}

struct Live {
    marked: Vec<bool>,
    work: Vec<Value>,
}

impl Live {
    fn mark(&mut self, value: Value) {
        if !std::mem::replace(&mut self.marked[value.index()], true) {
            self.work.push(value);
        }
    }
}

/// The edges into each block: which block they leave, by their number there.
struct Incoming {
    starts: Vec<u32>,
    edges: Vec<(u32, u8)>,
}

impl Incoming {
    fn new(function: &Function) -> Self {
        let mut starts = vec![0u32; function.blocks.len() + 1];
        let edges = || {
            function.layout.iter().flat_map(|block| {
                let targets = function.block(*block).terminator.iter().flat_map(Terminator::targets);
                targets.zip(0u8..).map(move |(target, number)| (*block, number, target.block))
            })
        };
        for (_, _, to) in edges() {
            starts[to.index()] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut filled = vec![(0, 0); total as usize];
        for (from, number, to) in edges() {
            let start = &mut starts[to.index()];
            *start -= 1;
            filled[*start as usize] = (u32::try_from(from.index()).unwrap_or(u32::MAX), number);
        }
        Self { starts, edges: filled }
    }

    /// The arguments for one parameter of a block.
    fn arguments<'a>(
        &'a self,
        function: &'a Function,
        block: usize,
        position: usize,
    ) -> impl Iterator<Item = Value> + 'a {
        let range = self.starts[block] as usize..self.starts[block + 1] as usize;
        self.edges[range].iter().filter_map(move |(from, number)| {
            let terminator = function.blocks[*from as usize].terminator.as_ref()?;
            terminator.targets().nth(usize::from(*number))?.arguments.get(position).copied()
        })
    }
}

fn sweep(subject: &mut Subject<'_>, live: &[bool]) {
    let function = &mut *subject.function;
    let entry = function.entry();
    let mut dead_parameters = false;
    for index in 0..function.layout.len() {
        let block = function.layout[index];
        let mut instructions = std::mem::take(&mut function.block_mut(block).instructions);
        instructions.retain(|instruction| {
            function.results(*instruction).iter().any(|value| live[value.index()])
                || !is_droppable(function.instruction(*instruction), |callee| {
                    effects_of(subject.externals, subject.callee_effects, callee)
                })
        });
        function.block_mut(block).instructions = instructions;
        let parameters = &function.block(block).parameters;
        dead_parameters |= block != entry && parameters.iter().any(|value| !live[value.index()]);
    }
    if !dead_parameters {
        return;
    }
    for index in 0..function.layout.len() {
        let block = function.layout[index];
        let Some(mut terminator) = function.block_mut(block).terminator.take() else {
            continue;
        };
        for target in terminator.targets_mut() {
            let parameters = &function.block(target.block).parameters;
            let mut position = 0;
            target.arguments.retain(|_| {
                position += 1;
                parameters.get(position - 1).is_some_and(|parameter| live[parameter.index()])
            });
        }
        function.block_mut(block).terminator = Some(terminator);
    }
    for index in 0..function.layout.len() {
        let block = function.layout[index];
        if block == entry {
            continue;
        }
        let mut parameters = std::mem::take(&mut function.block_mut(block).parameters);
        parameters.retain(|parameter| live[parameter.index()]);
        for (position, parameter) in (0..).zip(&parameters) {
            function.values[parameter.index()].1 = ValueDefinition::Parameter(block, position);
        }
        function.block_mut(block).parameters = parameters;
    }
}

//! Which passes run, in which order, watched by whom, and how far.

use std::rc::Rc;

use cfunc_models::Effects;
use thiserror::Error;

pub use cfunc_models::PassLevel;

use crate::dominators::DominatorTree;
use crate::passes::changes::Changes;
use crate::passes::subject::{Subject, summary};
use crate::passes::{branches, cells, dead_code, dead_stores, fold, hoist, inline, number, ranges, rotate};
use crate::{
    Callee, Function, InstructionData, IntegerCondition, MemoryClass, Module, RelocationTarget, Terminator,
    VerifierErrors, verify,
};

macro_rules! passes {
    ($($(#[$doc:meta])* $name:ident = $text:literal $run:path;)*) => {
        /// One pass.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Pass { $($(#[$doc])* $name,)* }

        impl Pass {
            /// Every pass.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            fn run(self, subject: &mut Subject<'_>) {
                match self { $(Self::$name => $run(subject),)* }
            }
        }
    };
}

passes! {
    /// Small functions of the module take the place of their calls.
    Inline = "inline" inline::inline;
    /// Constant folding and exact algebra.
    Fold = "fold" fold::fold;
    /// Branch simplification, jump threading, merging of blocks.
    Branches = "branches" branches::branches;
    /// Global value numbering.
    Number = "number" number::number;
    /// The tests of loops move to their ends.
    Rotate = "rotate" rotate::rotate;
    /// Cells become values within a call.
    Cells = "cells" cells::cells;
    /// What is the same in every round is computed before the loop.
    Hoist = "hoist" hoist::hoist;
    /// Comparisons that branches and bounds decide.
    Ranges = "ranges" ranges::ranges;
    /// What is written again before it is read is not written.
    DeadStores = "dead-stores" dead_stores::dead_stores;
    /// What nothing depends on goes away.
    DeadCode = "dead-code" dead_code::dead_code;
}

impl Pass {
    /// The pass of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|pass| pass.name() == name)
    }
}

/// What one run of a pass over one function did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassStatistics {
    /// Instructions in the blocks of the function before.
    pub instructions_before: usize,
    /// And after.
    pub instructions_after: usize,
    /// How many changes it made; what only tidies up counts as none.
    pub changes: u64,
}

/// Is told of every run of a pass over a function. Whoever wants durations reads a clock here.
pub trait PassObserver {
    /// A pass begins.
    fn begin(&mut self, pass: Pass, function: &Function);

    /// The pass that began last ends.
    fn end(&mut self, pass: Pass, function: &Function, statistics: PassStatistics);
}

/// A pass broke a rule of the IR: a bug of the pass.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("after the pass {pass}: {errors}", pass = .pass.name())]
pub struct PassError {
    /// The pass after which the rules no longer held.
    pub pass: Pass,
    /// Which, and where.
    pub errors: VerifierErrors,
}

/// Passes in order, run over every function of a module, those that are called before those that call them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    steps: Vec<Step>,
    limit: u64,
    verify: bool,
}

/// A pass in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    pass: Pass,
    when: When,
}

/// For which functions a step is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Always,
    /// Those that check bounds, which is what unsigned comparisons do, or read lengths, which their loops compare.
    ChecksBounds,
    /// Those of which [`Pass::Ranges`] decided a comparison.
    Decided,
}

impl Pipeline {
    /// The passes of a level.
    pub fn of(level: PassLevel) -> Self {
        let steps: &[(When, &[Pass])] = match level {
            PassLevel::None => &[],
            PassLevel::Fast => &[
                (When::Always, &[Pass::Inline, Pass::Fold, Pass::Branches, Pass::Number, Pass::Rotate, Pass::Cells]),
                (When::ChecksBounds, &[Pass::Ranges]),
                (When::Decided, &[Pass::Fold, Pass::Branches, Pass::Rotate, Pass::Number, Pass::Cells]),
                (When::Always, &[Pass::Hoist, Pass::Branches, Pass::DeadCode]),
            ],
            PassLevel::Full => &[
                (When::Always, &[Pass::Inline, Pass::Fold, Pass::Branches, Pass::Number, Pass::Rotate, Pass::Cells]),
                (When::Always, &[Pass::DeadStores, Pass::Ranges, Pass::Fold, Pass::Number]),
                (When::Decided, &[Pass::Branches, Pass::Rotate, Pass::Cells]),
                (When::Always, &[Pass::Hoist, Pass::Branches, Pass::DeadCode]),
            ],
        };
        let steps = steps.iter().flat_map(|(when, passes)| passes.iter().map(|pass| Step { pass: *pass, when: *when }));
        Self { steps: steps.collect(), limit: u64::MAX, verify: cfg!(debug_assertions) }
    }

    /// Passes in an order of one's own, each taken for every function.
    pub fn new(passes: &[Pass]) -> Self {
        let steps = passes.iter().map(|pass| Step { pass: *pass, when: When::Always });
        Self { steps: steps.collect(), limit: u64::MAX, verify: cfg!(debug_assertions) }
    }

    /// The same without a pass, wherever it stands.
    #[must_use]
    pub fn without(mut self, pass: Pass) -> Self {
        self.steps.retain(|step| step.pass != pass);
        self
    }

    /// Whether a pass is among them.
    pub fn has(&self, pass: Pass) -> bool {
        self.steps.iter().any(|step| step.pass == pass)
    }

    /// Stops after so many changes in all: the first number with which a module is miscompiled names the change that
    /// does it.
    #[must_use]
    pub const fn limit(mut self, changes: u64) -> Self {
        self.limit = changes;
        self
    }

    /// Whether the rules of the IR are checked after each pass; so it is in debug builds, unless this says otherwise.
    #[must_use]
    pub const fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Runs the passes over a verified module; gives the number of changes.
    ///
    /// # Errors
    ///
    /// [`PassError`] where a pass breaks a rule of the IR and that is looked for.
    pub fn run(&self, module: &mut Module) -> Result<u64, PassError> {
        self.run_with(module, None)
    }

    /// As [`Pipeline::run`], and tells an observer of every pass.
    ///
    /// # Errors
    ///
    /// As [`Pipeline::run`].
    pub fn run_observed(&self, module: &mut Module, observer: &mut dyn PassObserver) -> Result<u64, PassError> {
        self.run_with(module, Some(observer))
    }

    fn run_with(
        &self,
        module: &mut Module,
        mut observer: Option<&mut (dyn PassObserver + '_)>,
    ) -> Result<u64, PassError> {
        let mut changes = Changes::up_to(self.limit);
        let mut callee_effects: Vec<Effects> = Vec::new();
        for index in 0..module.functions.len() {
            let mut tree = None;
            let mut decided = false;
            for Step { pass, when } in self.steps.iter().copied() {
                if changes.is_spent() {
                    return Ok(changes.made());
                }
                let taken = match when {
                    When::Always => true,
                    When::ChecksBounds => checks_bounds(&module.functions[index]),
                    When::Decided => decided,
                };
                if !taken {
                    continue;
                }
                let made = changes.made();
                run_pass(pass, module, index, &callee_effects, (&mut changes, &mut tree), &mut observer);
                decided |= pass == Pass::Ranges && changes.made() != made;
                if self.verify
                    && let Err(errors) = verify(module)
                {
                    return Err(PassError { pass, errors });
                }
            }
            // Of the last function nobody asks.
            if index + 1 < module.functions.len() {
                let effects = summary(module, &module.functions[index], &callee_effects);
                callee_effects.push(effects);
            }
        }
        if self.has(Pass::Inline) {
            empty_unused(module);
        }
        Ok(changes.made())
    }
}

/// Empties functions that neither the entry nor data leads to any more, so that no backend spends time on them. They keep
/// their places, as others are named by theirs.
fn empty_unused(module: &mut Module) {
    let Some(entry) = module.entry else {
        return;
    };
    if module.functions.len() == 1 {
        return;
    }
    let mut used = vec![false; module.functions.len()];
    used[entry.index()] = true;
    for relocation in module.data.iter().flat_map(|object| &object.relocations) {
        if let RelocationTarget::Function(function) = relocation.target {
            used[function.index()] = true;
        }
    }
    // Callees stand before callers.
    for index in (0..module.functions.len()).rev() {
        if !used[index] {
            let function = &mut module.functions[index];
            let emptied = Function::new(&function.name, function.signature.clone());
            *function = emptied;
            let block = function.add_block();
            function.layout.push(block);
            for representation in function.signature.parameters.clone() {
                function.add_block_parameter(block, representation);
            }
            function.block_mut(block).terminator = Some(Terminator::Unreachable);
            continue;
        }
        let function = &module.functions[index];
        for block in &function.layout {
            for instruction in &function.block(*block).instructions {
                if let InstructionData::Call { callee: Callee::Function(callee), .. } =
                    function.instruction(*instruction)
                {
                    used[callee.index()] = true;
                }
            }
        }
    }
}

/// Whether a function compares as bounds checks do, or reads lengths.
fn checks_bounds(function: &Function) -> bool {
    let asks = |data: &InstructionData| {
        matches!(
            data,
            InstructionData::IntegerCompare { condition: IntegerCondition::UnsignedLess, .. }
                | InstructionData::Load { class: MemoryClass::Length, .. }
        )
    };
    function.instructions.iter().any(asks)
}

fn run_pass(
    pass: Pass,
    module: &mut Module,
    index: usize,
    callee_effects: &[Effects],
    (changes, tree): (&mut Changes, &mut Option<Rc<DominatorTree>>),
    observer: &mut Option<&mut (dyn PassObserver + '_)>,
) {
    let (callees, rest) = module.functions.split_at_mut(index);
    let function = &mut rest[0];
    let externals = module.externals.as_slice();
    let Some(observer) = observer else {
        return pass.run(&mut Subject { function, externals, callees, callee_effects, changes, tree });
    };
    let (instructions_before, made) = (instructions(function), changes.made());
    observer.begin(pass, function);
    pass.run(&mut Subject { function, externals, callees, callee_effects, changes, tree });
    let statistics = PassStatistics {
        instructions_before,
        instructions_after: instructions(function),
        changes: changes.made() - made,
    };
    observer.end(pass, function, statistics);
}

/// How many instructions the blocks of a function have.
fn instructions(function: &Function) -> usize {
    function.layout.iter().map(|block| function.block(*block).instructions.len()).sum()
}

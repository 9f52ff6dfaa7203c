//! Which constructs the programs had.

use crate::constructs::Table;
use crate::fuzzer::Fuzzer;
use crate::tree::Program;

/// How often each construct was in a program that was run.
#[derive(Clone, Debug)]
pub struct Coverage {
    counts: Vec<u64>,
    programs: u64,
}

impl Coverage {
    /// Nothing yet.
    pub fn new(table: &Table) -> Self {
        Self { counts: vec![0; table.constructs().len()], programs: 0 }
    }

    /// Counts a program.
    pub fn add(&mut self, program: &Program) {
        self.programs += 1;
        program.visit(&mut |construct| self.counts[construct] += 1);
    }

    /// How many programs were counted.
    pub fn programs(&self) -> u64 {
        self.programs
    }

    /// The constructs that the compiler takes and no program had.
    pub fn missing<'t>(&self, fuzzer: &'t Fuzzer) -> Vec<&'t str> {
        let constructs = fuzzer.table.constructs().iter().enumerate();
        constructs.filter(|(id, _)| fuzzer.enabled[*id] && self.counts[*id] == 0).map(|(_, entry)| entry.name).collect()
    }

    /// A line for each construct, with the number of its uses.
    pub fn report(&self, fuzzer: &Fuzzer) -> String {
        let mut text = String::new();
        for (id, construct) in fuzzer.table.constructs().iter().enumerate() {
            let count = if fuzzer.enabled[id] { self.counts[id].to_string() } else { "not supported".to_owned() };
            text.push_str(&format!("{count:>13}  {}\n", construct.name));
        }
        text
    }
}

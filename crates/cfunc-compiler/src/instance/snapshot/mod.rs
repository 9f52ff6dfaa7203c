//! Snapshots: everything that a node remembers, as bytes. docs/abi.md has their layout.

mod bytes;
mod entry;
mod layout;
mod native;
mod plan;

use cfunc_models::NodeErrorKind;
use cfunc_runtime::MemoryAccount;

pub(crate) use plan::SnapshotPlan;

use self::bytes::{Header, assemble, disassemble, put_u32};
use self::entry::{Entry, SavedEntry, entries};
use self::native::{Made, RestoreError};
use self::plan::{Form, InputPlan, StatePlan};
use super::slots::Supply;
use super::{NodeInstance, Phase};
use crate::SnapshotError;
use crate::key::digits;
use crate::unit::Unit;

/// The flags of an input.
const TICKED: u8 = 1;
const VALID: u8 = 2;

impl NodeInstance {
    /// Everything that the node remembers, as bytes that [`NodeInstance::restore`] puts into another instance, in
    /// another process too: the states, containers included; the cells and flags of the inputs; whether the node is
    /// started. To be taken between calls.
    ///
    /// What belongs to the host is not in it: outputs, inputs of types that hold addresses, supplied parameters, limits,
    /// deadlines, hooks.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Refused`] where a state is of a type that is not saved, such as a pointer;
    /// [`SnapshotError::Shared`] where two states hold one container.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let plan = plan(&self.unit);
        let mut states = Vec::new();
        let mut held: Vec<(u64, usize)> = Vec::new();
        let plans = plan.states.as_ref().map_err(Clone::clone)?;
        put_u32(&mut states, plans.len());
        for (index, (state, slot)) in plans.iter().zip(&self.slots.states).enumerate() {
            let entry = Entry::begin(&mut states, &state.description);
            match &state.form {
                Form::Plain(layout) => {
                    // SAFETY: the cell has as many bytes as its type, which nothing writes while the node is borrowed.
                    let cell = unsafe { std::slice::from_raw_parts(slot.cell, layout.size()) };
                    layout.save(cell, &mut states);
                }
                Form::Items(items) => {
                    // SAFETY: the cell of a pointer holds a word.
                    let container = unsafe { slot.cell.cast::<u64>().read() };
                    states.push(u8::from(container != 0));
                    if let Some((_, first)) = held.iter().find(|(other, _)| *other == container) {
                        let name = |index: usize| self.unit.function().states[index].name.to_string();
                        return Err(SnapshotError::Shared { first: name(*first), second: name(index) });
                    }
                    if container != 0 {
                        held.push((container, index));
                        // SAFETY: the node keeps a live container of the state's type in its cell, or NULL.
                        unsafe { items.save(container, &mut states) };
                    }
                }
            }
            entry.end(&mut states);
        }
        let mut inputs = Vec::new();
        put_u32(&mut inputs, plan.inputs.len());
        for (input, slot) in plan.inputs.iter().zip(&self.slots.inputs) {
            let entry = Entry::begin(&mut inputs, &input.description);
            if let Some(layout) = &input.layout {
                // SAFETY: the flags are in the arena.
                let (ticked, valid) = unsafe { (slot.ticked.read(), slot.valid.read()) };
                inputs.push(u8::from(ticked != 0) * TICKED + u8::from(valid != 0) * VALID);
                // SAFETY: the cell has as many bytes as its type, which nothing writes while the node is borrowed.
                let cell = unsafe { std::slice::from_raw_parts(slot.cell, layout.size()) };
                layout.save(cell, &mut inputs);
            }
            entry.end(&mut inputs);
        }
        let header = Header { phase: self.phase as u32, semantic: self.unit.hash, schema: plan.schema };
        Ok(assemble(&header, [&states, &inputs]))
    }

    /// Puts what a snapshot of the same function holds in the place of what the node remembers: it goes on from there,
    /// without START where the snapshot is of a started node. What the node held is let go without STOP. Functions are
    /// the same where their semantic hashes are; the engine does not matter.
    ///
    /// Memory of the containers counts for the node as if it had allocated it. Inputs that hold addresses, supplied
    /// parameters and settings stay as they are; no output has ticked. So where the snapshot is of a started node, objects
    /// of the host ([`NodeInstance::set_pointer`]) and supplied parameters are given before, as before START; structs with
    /// addresses in them ([`NodeInstance::set_struct`]) before the next EXECUTE, which reads zeros of a new node there.
    ///
    /// # Errors
    ///
    /// [`SnapshotError`]; then the node is as it was. Any bytes may be given: those that are no snapshot, damaged, or of
    /// another function are refused.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        self.restore_as(snapshot, false)
    }

    /// As [`NodeInstance::restore`], from a snapshot of another version of the function too, where its states are the same
    /// in number, names, types and layouts: with other constants, say, or a changed body. Inputs of the snapshot are
    /// restored where the node has one of the same name and type; its other inputs stay as they are.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::restore`]; [`SnapshotError::OtherStates`] where the states are not the same.
    pub fn restore_compatible(&mut self, snapshot: &[u8]) -> Result<(), SnapshotError> {
        self.restore_as(snapshot, true)
    }

    fn restore_as(&mut self, snapshot: &[u8], compatible: bool) -> Result<(), SnapshotError> {
        let unit = std::sync::Arc::clone(&self.unit);
        let plan = plan(&unit);
        let plans = plan.states.as_ref().map_err(Clone::clone)?;
        let (header, [states, inputs]) = disassemble(snapshot)?;
        let (states, inputs) = (entries(states)?, entries(inputs)?);
        if !compatible && header.semantic != unit.hash {
            let (found, expected) = (digits(&header.semantic), unit.semantic_key().to_owned());
            return Err(SnapshotError::OtherFunction { found, expected });
        }
        if let Some(difference) = difference(&states, plans) {
            return Err(if compatible { SnapshotError::OtherStates(difference) } else { contradiction() });
        }
        if header.schema != plan.schema {
            return Err(contradiction());
        }
        let phase = match header.phase {
            0 => Phase::Created,
            1 => Phase::Started,
            _ => Phase::Stopped,
        };
        if phase == Phase::Started
            && let Some((index, _)) = self.slots.supplied.iter().find(|(_, supply)| *supply == Supply::Missing)
        {
            return Err(SnapshotError::NotSupplied(unit.parameters()[*index].name.clone()));
        }
        if phase == Phase::Started
            && let Some(name) = self.missing_object()
        {
            return Err(SnapshotError::ObjectMissing(name.to_owned()));
        }
        let inputs = read_inputs(&inputs, &plan.inputs, compatible)?;
        let limit = self.memory.as_ref().map_or(0, |account| account.limit());
        let (states, account) = read_states(&states, plans, &unit, phase, limit)?;
        // From here on nothing fails.
        counted(&mut self.memory, || {
            for (state, slot) in plans.iter().zip(&self.slots.states) {
                let Form::Items(items) = &state.form else { continue };
                // SAFETY: the cell of a pointer holds a word.
                let container = unsafe { slot.cell.cast::<u64>().replace(0) };
                if container != 0 {
                    // SAFETY: the node's cell held a live container of the state's type, and owned it.
                    unsafe { items.release(container) };
                }
            }
        });
        self.memory = account;
        for (state, slot) in states.into_iter().zip(&self.slots.states) {
            match state {
                // SAFETY: the cell has room for as many bytes, each of which its type takes.
                Restored::Plain(cell) => unsafe { slot.cell.copy_from_nonoverlapping(cell.as_ptr(), cell.len()) },
                Restored::Items(None) => {}
                // SAFETY: the cell of a pointer holds a word; the cell is the container's owner from here on.
                Restored::Items(Some(made)) => unsafe { slot.cell.cast::<u64>().write(made.keep()) },
            }
        }
        for (index, flags, cell) in inputs {
            let slot = &self.slots.inputs[index];
            // SAFETY: the flags are in the arena; the cell has room for as many bytes, each of which its type takes.
            unsafe {
                slot.ticked.write(u8::from(flags & TICKED != 0));
                slot.valid.write(u8::from(flags & VALID != 0));
                slot.cell.copy_from_nonoverlapping(cell.as_ptr(), cell.len());
            }
        }
        // SAFETY: the arena is the instance's own.
        unsafe { self.slots.output_ticked.clear() };
        self.phase = phase;
        Ok(())
    }
}

fn plan(unit: &Unit) -> &SnapshotPlan {
    unit.snapshot_plan.get_or_init(|| Box::new(SnapshotPlan::new(unit)))
}

/// Runs something while memory counts against an account, where there is one.
fn counted<T>(account: &mut Option<Box<MemoryAccount>>, work: impl FnOnce() -> T) -> T {
    match account {
        None => work(),
        Some(account) => account.run(work),
    }
}

/// What a state is to hold.
enum Restored<'a> {
    Plain(Vec<u8>),
    Items(Option<Made<'a>>),
}

/// A header that says otherwise than the sections.
fn contradiction() -> SnapshotError {
    SnapshotError::damaged("its states are not those that its header says")
}

/// How the saved states differ from those of a function, where they do.
fn difference(saved: &[SavedEntry<'_>], plans: &[StatePlan]) -> Option<String> {
    let described = |description: &[u8]| entry::describe(description).unwrap_or_else(|| "nothing known".to_owned());
    for (index, plan) in plans.iter().enumerate() {
        let here = described(&plan.description);
        match saved.get(index) {
            None => return Some(format!("it has no `{here}`")),
            Some(entry) if entry.description != plan.description => {
                let there = described(entry.description);
                let detail = if here == there { ", of another layout or with other members" } else { "" };
                return Some(format!("it has `{there}` in the place of `{here}`{detail}"));
            }
            Some(_) => {}
        }
    }
    saved.get(plans.len()).map(|entry| format!("it has `{}` besides", described(entry.description)))
}

/// What the states are to hold, with the account of its memory where there is a limit (in bytes, 0: none). It is what the
/// states hold in the end that must fit, neither beside what the node holds now nor with what it takes to make them, which
/// the length of the snapshot bounds.
fn read_states<'a>(
    saved: &[SavedEntry<'_>],
    plans: &'a [StatePlan],
    unit: &Unit,
    phase: Phase,
    limit: u64,
) -> Result<(Vec<Restored<'a>>, Option<Box<MemoryAccount>>), SnapshotError> {
    let mut account = (limit != 0).then(|| Box::new(MemoryAccount::new(0)));
    let mut restored = Vec::with_capacity(plans.len());
    for (index, (entry, plan)) in saved.iter().zip(plans).enumerate() {
        let outcome = counted(&mut account, || read_state(*entry, plan, phase));
        let is_beyond = account.as_ref().is_some_and(|account| account.used() > limit);
        let failure = match outcome {
            Ok(state) => {
                restored.push(state);
                is_beyond.then_some(RestoreError::NoMemory(NodeErrorKind::MemoryLimit))
            }
            Err(error) => Some(error),
        };
        let Some(failure) = failure else { continue };
        counted(&mut account, || drop(restored));
        return Err(match failure {
            RestoreError::Snapshot(error) => error,
            RestoreError::NoMemory(kind) => {
                SnapshotError::Memory { state: unit.function().states[index].name.to_string(), kind }
            }
        });
    }
    if let Some(account) = &mut account {
        account.set_limit(limit);
    }
    Ok((restored, account))
}

fn read_state<'a>(entry: SavedEntry<'_>, plan: &'a StatePlan, phase: Phase) -> Result<Restored<'a>, RestoreError> {
    let mut reader = entry.data;
    let restored = match &plan.form {
        Form::Plain(layout) => {
            let mut cell = vec![0; layout.size()];
            layout.restore(&mut reader, &mut cell)?;
            Restored::Plain(cell)
        }
        Form::Items(items) => match reader.u8()? {
            0 => Restored::Items(None),
            1 if phase == Phase::Started => Restored::Items(Some(items.restore(&mut reader)?)),
            _ => return Err(SnapshotError::damaged("a container is where none can be").into()),
        },
    };
    reader.end()?;
    Ok(restored)
}

/// The inputs that are restored: positions, flags, cells.
fn read_inputs(
    saved: &[SavedEntry<'_>],
    plans: &[InputPlan],
    compatible: bool,
) -> Result<Vec<(usize, u8, Vec<u8>)>, SnapshotError> {
    let other = || SnapshotError::damaged("its inputs are not those of the function that its header says");
    if !compatible && saved.len() != plans.len() {
        return Err(other());
    }
    let mut restored = Vec::with_capacity(plans.len());
    for (index, plan) in plans.iter().enumerate() {
        let found = if compatible {
            saved.iter().find(|entry| entry.description == plan.description)
        } else {
            saved.get(index)
        };
        let Some(entry) = found else { continue };
        if entry.description != plan.description {
            return Err(other());
        }
        let mut reader = entry.data;
        if let Some(layout) = &plan.layout {
            let flags = reader.u8()?;
            if flags & !(TICKED | VALID) != 0 {
                return Err(SnapshotError::damaged("the flags of an input are none that there are"));
            }
            let mut cell = vec![0; layout.size()];
            layout.restore(&mut reader, &mut cell)?;
            restored.push((index, flags, cell));
        }
        reader.end()?;
    }
    Ok(restored)
}

//! Dead stores: what is written again, on every path, before anything can read it is not written.
//!
//! A return shows all memory but the function's own frame, and so do calls that read memory. A store that an error exit
//! follows is kept, as state that changed before an error stays changed.

use crate::dominators::DominatorTree;
use crate::passes::bits::{self, BitRows};
use crate::passes::memory::{Accesses, Event};
use crate::passes::subject::Subject;
use crate::{Instruction, Terminator};

/// Removes the dead stores of the function.
pub(crate) fn dead_stores(subject: &mut Subject<'_>) {
    let tree = subject.tree();
    let accesses = Accesses::new(subject, &tree);
    if !may_have_dead(&accesses) {
        return;
    }
    let blocks = tree.order().len();
    // By block: the places whose contents nobody reads any more from its start on.
    let mut unread = BitRows::new(blocks, accesses.count);
    unread.fill();
    let mut row = vec![0; unread.row(0).len()];
    let mut changed = true;
    while changed {
        changed = false;
        for position in (0..blocks).rev() {
            at_end(subject, &tree, &accesses, &unread, position, &mut row);
            for (_, event) in accesses.of_block(position).iter().rev() {
                step(&accesses, *event, &mut row);
            }
            accesses.reset(position, &mut row);
            if row != unread.row(position) {
                unread.row_mut(position).copy_from_slice(&row);
                changed = true;
            }
        }
    }
    for position in 0..blocks {
        at_end(subject, &tree, &accesses, &unread, position, &mut row);
        let mut dead: Vec<Instruction> = Vec::new();
        for (instruction, event) in accesses.of_block(position).iter().rev() {
            if let Event::Store(place) = event
                && bits::has(&row, *place)
                && subject.changes.allow()
            {
                dead.push(*instruction);
                continue;
            }
            step(&accesses, *event, &mut row);
        }
        if !dead.is_empty() {
            let data = subject.function.block_mut(tree.order()[position]);
            data.instructions.retain(|instruction| !dead.contains(instruction));
        }
    }
}

/// Whether a place is written twice, or one of the frame is.
fn may_have_dead(accesses: &Accesses) -> bool {
    let mut seen = vec![0u64; accesses.count.div_ceil(64)];
    accesses.events.iter().any(|(_, event)| match event {
        Event::Store(place) => {
            let again = bits::has(&seen, *place);
            bits::set(&mut seen, *place);
            again || !accesses.is_visible(*place)
        }
        _ => false,
    })
}

/// Backwards over one event.
fn step(accesses: &Accesses, event: Event, unread: &mut [u64]) {
    accesses.observe(event, unread);
    if let Event::Store(place) = event {
        bits::set(unread, place);
    }
}

/// The places whose contents nobody reads after a block.
fn at_end(
    subject: &Subject<'_>,
    tree: &DominatorTree,
    accesses: &Accesses,
    unread: &BitRows,
    position: usize,
    row: &mut [u64],
) {
    row.fill(u64::MAX);
    match &subject.function.block(tree.order()[position]).terminator {
        Some(Terminator::Return(_)) => {
            for place in (0..accesses.count).filter(|place| accesses.is_visible(*place)) {
                row[place / 64] &= !(1 << (place % 64));
            }
        }
        Some(terminator) => {
            for target in terminator.targets() {
                bits::keep(row, unread.row(tree.position(target.block)));
            }
        }
        None => row.fill(0),
    }
}

//! What a snapshot of a function's instances holds: descriptions and layouts of its states and inputs.

use cfunc_context::SnapshotForm;
use cfunc_models::{Representation, Type};
use sha2::{Digest, Sha256};

use super::bytes::{put_block, put_text};
use super::layout::Layout;
use super::native::Items;
use crate::SnapshotError;
use crate::unit::Unit;

/// How the instances of a function are saved.
#[derive(Debug)]
pub(crate) struct SnapshotPlan {
    /// In slot order; or the first that is refused.
    pub(super) states: Result<Vec<StatePlan>, SnapshotError>,
    /// In slot order.
    pub(super) inputs: Vec<InputPlan>,
    /// The hash over the descriptions of the states.
    pub(super) schema: [u8; 32],
}

/// One state.
#[derive(Debug)]
pub(super) struct StatePlan {
    /// Name, type and layout.
    pub(super) description: Vec<u8>,
    pub(super) form: Form,
}

/// How a state is saved.
#[derive(Debug)]
pub(super) enum Form {
    Plain(Layout),
    Items(Box<Items>),
}

/// One input.
#[derive(Debug)]
pub(super) struct InputPlan {
    /// Name, type and layout.
    pub(super) description: Vec<u8>,
    /// `None` for what holds addresses, which the host gives anew.
    pub(super) layout: Option<Layout>,
}

impl SnapshotPlan {
    pub(super) fn new(unit: &Unit) -> Self {
        let mut schema = Sha256::new();
        let states = unit.function().states.iter().map(|state| {
            let plan = state_plan(unit, &state.name, state.ty)?;
            let mut block = Vec::new();
            put_block(&mut block, &plan.description);
            schema.update(block);
            Ok(plan)
        });
        let states = states.collect();
        let inputs = unit.inputs.iter().map(|input| {
            let holds_address = match unit.types.memory_layout(input.ty) {
                Some(memory) => !memory.is_data(&unit.types),
                None => unit.types.components(input.ty).contains(&Representation::Pointer),
            };
            let layout = (!holds_address).then(|| Layout::of(&unit.types, input.ty));
            let mut description = head(&input.name, unit.types.name(input.ty), 0);
            if let Some(layout) = &layout {
                layout.describe(&mut description);
            }
            InputPlan { description, layout }
        });
        Self { states, inputs: inputs.collect(), schema: schema.finalize().into() }
    }
}

fn state_plan(unit: &Unit, name: &str, ty: Type) -> Result<StatePlan, SnapshotError> {
    let types = &unit.types;
    let form = match unit.context.registry().snapshot_form(types, ty) {
        SnapshotForm::Plain => Ok(Form::Plain(Layout::of(types, ty))),
        SnapshotForm::Items(items) => {
            Items::new(types, &items, &unit.symbols).map(|items| Form::Items(Box::new(items)))
        }
        SnapshotForm::Refused(reason) => Err(reason),
    };
    let form = form.map_err(|reason| SnapshotError::Refused {
        state: name.to_owned(),
        ty: types.name(ty).to_owned(),
        reason,
    })?;
    let (number, layout) = match &form {
        Form::Plain(layout) => (0, layout),
        Form::Items(items) => (1, items.layout()),
    };
    let mut description = head(name, types.name(ty), number);
    layout.describe(&mut description);
    Ok(StatePlan { description, form })
}

/// Name, name of the type, number of the form.
fn head(name: &str, ty: &str, form: u8) -> Vec<u8> {
    let mut description = Vec::new();
    put_text(&mut description, name);
    put_text(&mut description, ty);
    description.push(form);
    description
}

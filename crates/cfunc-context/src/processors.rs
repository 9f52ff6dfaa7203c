//! Signal processors: what extensions learn from the host's objects behind the variables of a function.

use std::sync::Arc;

use cfunc_models::{Diagnostic, Diagnostics, FunctionModel, HostObject, MetadataMap, MetadataValue, TypeTable};
use cfunc_sources::{VariableModel, VariableSource, Variables};

use crate::transform::HandlerResult;
use crate::{Bindings, CompilationContext, ask_handler};

/// Looks at a variable and the object behind it.
pub type SignalProcessor =
    Arc<dyn Fn(&VariableModel, Option<&HostObject>, &mut FunctionInfo<'_>) -> HandlerResult<()> + Send + Sync>;

/// A function, as processors see it, and what they attach to it.
#[derive(Debug)]
pub struct FunctionInfo<'a> {
    /// What the function declares.
    pub function: &'a FunctionModel,
    /// Its variables.
    pub variables: &'a Variables,
    /// The types that they are of.
    pub types: &'a TypeTable,
    metadata: MetadataMap,
}

impl FunctionInfo<'_> {
    /// Attaches an entry to the metadata of the result; of several of one name the last counts.
    pub fn attach(&mut self, name: impl Into<String>, value: MetadataValue) {
        self.metadata.insert(name.into(), value);
    }

    /// What was attached under a name so far, to be added to.
    pub fn attached(&mut self, name: &str) -> Option<&mut MetadataValue> {
        self.metadata.get_mut(name)
    }
}

impl CompilationContext {
    /// Runs the processors, in the order of registration, on every input of the function, and gives what they attach.
    ///
    /// # Errors
    ///
    /// What they find wrong.
    pub fn process_signals(
        &self,
        function: &FunctionModel,
        variables: &Variables,
        types: &TypeTable,
        bindings: &Bindings,
    ) -> Result<MetadataMap, Diagnostics> {
        let mut info = FunctionInfo { function, variables, types, metadata: MetadataMap::new() };
        let mut found = Diagnostics::new();
        for (extension, process) in &self.handlers().processors {
            let inputs = variables.iter().map(|(_, variable)| variable).filter(|variable| is_input(variable));
            for variable in inputs {
                // An input of a container is bound with it.
                let parameter = variable.name.split('[').next().unwrap_or(&variable.name);
                let object = bindings.object(parameter);
                let asked = || process(variable, object, &mut info);
                if let Err(diagnostic) = ask_handler("a signal processor", extension, function.span, asked) {
                    found.push(Diagnostic::clone(&diagnostic));
                }
            }
        }
        if found.has_errors() { Err(found) } else { Ok(info.metadata) }
    }
}

fn is_input(variable: &VariableModel) -> bool {
    matches!(variable.source, VariableSource::Input { .. } | VariableSource::Pointer { .. } | VariableSource::Keyed(_))
}

//! The host's edges, and what the metadata says of them.

use cfunc_compiler::{AnalysisApi, HostObject, MetadataValue, Registrar, Type};

/// A connection of the host's, which is bound to a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its name; in a basket the key.
    pub name: String,
    /// The name of the type of its values.
    pub ty: &'static str,
    /// How often it ticks in a second.
    pub rate: i64,
}

impl Edge {
    /// The edge as an object that the compiler hands to handlers.
    pub fn as_object(&self) -> HostObject {
        HostObject::new(self.clone())
    }
}

/// The type of the values of an edge: what a host gives to `CompileRequest::type_of_objects`.
pub fn type_of_edge(api: &mut AnalysisApi<'_>, object: &HostObject) -> Option<Type> {
    let edge: &Edge = object.downcast_ref()?;
    let globals = api.scope.context().globals();
    globals.lookup_path(edge.ty).and_then(|id| globals.get(id).ty)
}

/// Attaches the names and rates of the edges, in the order of the slots.
pub(crate) fn register(registrar: &mut Registrar<'_>) {
    registrar.signal_processor(|variable, object, info| {
        let Some(object) = object else { return Ok(()) };
        let single = object.downcast_ref::<Edge>();
        let of_basket = object.downcast_ref::<Vec<Edge>>().filter(|_| !variable.name.contains('['));
        for edge in single.into_iter().chain(of_basket.into_iter().flatten()) {
            match info.attached("ts_edges") {
                Some(MetadataValue::Texts(names)) => names.push(edge.name.clone()),
                _ => info.attach("ts_edges", MetadataValue::Texts(vec![edge.name.clone()])),
            }
            match info.attached("ts_rates") {
                Some(MetadataValue::Integers(rates)) => rates.push(edge.rate),
                _ => info.attach("ts_rates", MetadataValue::Integers(vec![edge.rate])),
            }
        }
        Ok(())
    });
}

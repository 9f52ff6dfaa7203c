//! The extension that brings all built-ins.

use cfunc_context::{Extension, ExtensionId, Registrar, RegistrationError};

/// Every built-in; made by [`defaults`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults;

/// The extension that registers every built-in type, operator and function.
pub const fn defaults() -> Defaults {
    Defaults
}

impl Extension for Defaults {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("builtins", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        register_all(registrar)
    }
}

/// Registers every built-in type, operator and function, for an extension that brings them itself: a bundle of a host's
/// own. Their rules are that extension's then; [`defaults`] is an extension of its own.
///
/// # Errors
///
/// Where the registrar has them already.
pub fn register_all(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    crate::constants::register(registrar)?;
    crate::conversions::register(registrar);
    crate::integer::register(registrar);
    crate::integer_division::register(registrar);
    crate::float::register(registrar);
    crate::power::register(registrar);
    crate::boolean::register(registrar);
    crate::comparison::register(registrar);
    crate::functions::register(registrar);
    crate::math::register(registrar)?;
    crate::keyed::register(registrar);
    let ranges = crate::range::register(registrar);
    crate::text::register(registrar);
    let tuples = crate::tuple::TupleFamily::define(registrar);
    let slices = crate::slice::register(registrar);
    crate::tuple::register(registrar, tuples, slices);
    crate::math_parts::register(registrar, tuples)?;
    crate::tuple_comparison::register(registrar, tuples);
    crate::iteration::register(registrar, tuples);
    crate::aggregates::register(registrar, tuples);
    crate::range_aggregates::register(registrar, &ranges);
    let optionals = crate::optional::register(registrar);
    crate::tuple::register_annotations(registrar, tuples)?;
    crate::optional::register_annotations(registrar, optionals)?;
    crate::isinstance::register(registrar, tuples, optionals)?;
    crate::time::register(registrar)?;
    let classes = crate::enumeration::register(registrar, tuples)?;
    crate::enum_sets::register(registrar, classes)?;
    let lists = crate::list::register(registrar)?;
    crate::list_iteration::register(registrar, lists);
    crate::list_methods::register(registrar, lists);
    crate::list_slices::register(registrar, lists, slices);
    let dicts = crate::dict::register(registrar)?;
    crate::dict_iteration::register(registrar, dicts, tuples);
    crate::dict_methods::register(registrar, dicts, tuples, optionals);
    for name in ["zip", "enumerate", "reversed", "sum", "min", "max", "any", "all", "isinstance", "len"] {
        let function = registrar.function(name);
        registrar.reads_only(function);
    }
    crate::structs::register(registrar, tuples);
    crate::boxing_scalars::register(registrar);
    crate::boxing_tuples::register(registrar, tuples, optionals);
    crate::boxing_lists::register(registrar, lists);
    crate::boxing_dicts::register(registrar, dicts);
    crate::exceptions::register(registrar)?;
    crate::print::register(registrar)?;
    crate::fold::register(registrar);
    crate::state::register(registrar)
}

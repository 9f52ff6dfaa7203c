//! The layout of a struct that a derive describes is that of the C compiler, over structs made at random (`build.rs`).

use cfunc_compiler::{
    CompilationContext, Extension, ExtensionId, RegisterStructs, Registrar, RegistrationError, defaults,
};

mod generated {
    include!(concat!(env!("OUT_DIR"), "/structs.rs"));
}

struct Generated;

impl Extension for Generated {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("generated", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        generated::descriptions()
            .iter()
            .try_for_each(|description| registrar.structure_described(description).map(|_| ()))
    }
}

// SAFETY: as build.rs writes it.
unsafe extern "C" {
    static cfunc_test_layouts: [usize; 0];
}

#[test]
fn layouts_are_those_of_the_c_compiler() {
    let descriptions = generated::descriptions();
    let words: usize = descriptions.iter().map(|description| 3 + 2 * description.fields.len()).sum();
    // SAFETY: build.rs writes three words a struct and two a field.
    let facts = unsafe { std::slice::from_raw_parts((&raw const cfunc_test_layouts).cast::<usize>(), words) };
    let context = CompilationContext::builder().with(defaults()).with(Generated).build();
    let context = context.unwrap_or_else(|error| panic!("{error}"));
    let types = context.types();
    let mut facts = facts.iter().copied();
    let mut next = move || facts.next().expect("as many words as were counted");
    let (mut nested, mut arrays, mut pointers) = (0, 0, 0);
    for description in &descriptions {
        let name = &description.name;
        let ty = types.lookup(name).expect("it is registered");
        let (_, layout) = types.struct_of(ty).expect("it is a struct");
        let found = (layout.size as usize, layout.alignment as usize, layout.fields.len());
        assert_eq!(found, (next(), next(), next()), "{name}");
        for field in &layout.fields {
            let (size, _) = field.form.size_and_alignment(types, field.ty);
            assert_eq!((field.offset as usize, size as usize), (next(), next()), "{name}.{}", field.name);
            match types.memory_layout(field.ty) {
                Some(_) if field.form == cfunc_compiler::FieldForm::Address => pointers += 1,
                Some(cfunc_compiler::MemoryLayout::Struct(_)) => nested += 1,
                Some(cfunc_compiler::MemoryLayout::Array(_)) => arrays += 1,
                None => {}
            }
        }
    }
    assert!(nested > 50 && arrays > 50 && pointers > 20, "{nested} {arrays} {pointers}");
}

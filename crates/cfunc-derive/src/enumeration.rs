//! The implementation for an enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, Path, parse_quote};

use crate::attributes::{OfStruct, OfVariant};

/// The integers that an enumeration is held in.
const NUMBERS: [&str; 4] = ["i8", "i16", "i32", "i64"];

pub(crate) fn implement(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else { return Err(Error::new_spanned(input, "CfuncEnum is for enums")) };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "an enumeration of nodes has no parameters"));
    }
    let number = number_of(input)?;
    let OfStruct { name, facade } = OfStruct::read(&input.attrs)?;
    let facade: Path = facade.unwrap_or_else(|| parse_quote!(::cfunc_compiler));
    let ident = &input.ident;
    let name = name.unwrap_or_else(|| ident.to_string());
    let (mut names, mut variants) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new_spanned(variant, "a member has no fields"));
        }
        let plain = variant.ident.to_string().trim_start_matches("r#").to_owned();
        names.push(OfVariant::read(&variant.attrs)?.rename.unwrap_or(plain));
        variants.push(&variant.ident);
    }
    if variants.is_empty() {
        return Err(Error::new_spanned(input, "an enumeration has members"));
    }
    Ok(quote! {
        impl #facade::CfuncEnum for #ident {
            const NAME: &'static str = #name;
            const MEMBERS: &'static [(&'static str, i64)] = &[#((#names, #ident::#variants as #number as i64)),*];
            type Number = #number;

            fn number(self) -> #number {
                self as #number
            }

            fn from_number(number: #number) -> ::core::option::Option<Self> {
                [#(#ident::#variants),*].into_iter().find(|member| *member as #number == number)
            }
        }
    })
}

/// The integer of `#[repr(…)]`.
fn number_of(input: &DeriveInput) -> syn::Result<Ident> {
    let mut number = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        attribute.parse_nested_meta(|meta| {
            number = number.take().or_else(|| meta.path.get_ident().cloned());
            Ok(())
        })?;
    }
    let message = "its values are integers with a sign, as wide as enums of the context are: write `#[repr(i16)]`";
    number
        .filter(|number| NUMBERS.iter().any(|known| number == known))
        .ok_or_else(|| Error::new_spanned(&input.ident, message))
}

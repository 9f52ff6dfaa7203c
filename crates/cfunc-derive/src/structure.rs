//! The implementations for a struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Field, Fields, Path, parse_quote};

use crate::attributes::{Meaning, OfField, OfStruct};

pub(crate) fn implement(input: &DeriveInput) -> syn::Result<TokenStream> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unnamed(_) | Fields::Unit => return Err(Error::new_spanned(input, "its fields have names")),
        },
        Data::Enum(_) | Data::Union(_) => return Err(Error::new_spanned(input, "CfuncStruct is for structs")),
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a struct of a node has no parameters"));
    }
    check_representation(input)?;
    let OfStruct { name, facade } = OfStruct::read(&input.attrs)?;
    let facade: Path = facade.unwrap_or_else(|| parse_quote!(::cfunc_compiler));
    let ident = &input.ident;
    let name = name.unwrap_or_else(|| ident.to_string());
    let mut described = Vec::new();
    let mut checks = Vec::new();
    for field in fields {
        let attributes = OfField::read(&field.attrs)?;
        checks.push(check_of(field, &attributes, &facade));
        if !attributes.skip {
            described.push(description_of(field, &attributes, &facade)?);
        }
    }
    Ok(quote! {
        impl #facade::DescribedStruct for #ident {
            const NAME: &'static str = #name;

            fn description() -> #facade::StructDescription {
                #(#checks)*
                #facade::StructDescription::new(
                    Self::NAME,
                    ::core::mem::size_of::<Self>(),
                    ::core::mem::align_of::<Self>(),
                )
                #(.field(#described))*
            }
        }

        #facade::__promise_struct!(#ident);
    })
}

/// The struct is laid out as C does.
fn check_representation(input: &DeriveInput) -> syn::Result<()> {
    let (mut is_c, mut is_packed) = (false, false);
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        attribute.parse_nested_meta(|meta| {
            is_c |= meta.path.is_ident("C");
            is_packed |= meta.path.is_ident("packed");
            if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let _: TokenStream = content.parse()?;
            }
            Ok(())
        })?;
    }
    match (is_c, is_packed) {
        (true, false) => Ok(()),
        (_, true) => Err(Error::new_spanned(&input.ident, "packed structs are not supported: fields are aligned")),
        (false, false) => Err(Error::new_spanned(&input.ident, "its layout is that of C: write `#[repr(C)]`")),
    }
}

/// What makes sure that any bytes are a value of the field.
fn check_of(field: &Field, attributes: &OfField, facade: &Path) -> TokenStream {
    let ty = &field.ty;
    match attributes.meaning {
        Some(Meaning::Opaque(_)) => quote_spanned! { ty.span() => #facade::private::is_pointer::<#ty>(); },
        _ => quote_spanned! { ty.span() => #facade::private::is_field::<#ty>(); },
    }
}

fn description_of(field: &Field, attributes: &OfField, facade: &Path) -> syn::Result<TokenStream> {
    let Some(ident) = &field.ident else { return Err(Error::new_spanned(field, "fields have names")) };
    let ty = &field.ty;
    let name = attributes.rename.clone().unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
    let of_rust = quote! { <#ty as #facade::CfuncField>::field_type() };
    let form = match &attributes.meaning {
        None if attributes.nullable => quote! { #of_rust.nullable() },
        None => of_rust,
        Some(Meaning::Integers(name)) => quote! { #of_rust.integers_of(#name) },
        Some(Meaning::Named(name)) => quote! { #facade::FieldType::Named(::std::string::String::from(#name)) },
        Some(Meaning::Opaque(name)) => quote! { #facade::FieldType::Opaque(::std::string::String::from(#name)) },
    };
    let read_only = attributes.read_only.then(|| quote! { .read_only() });
    let default = attributes.default.as_ref().map(|value| quote! { .default(#value) });
    Ok(quote! {
        #facade::FieldDescription::new(#name, ::core::mem::offset_of!(Self, #ident), #form)
        .sized(::core::mem::size_of::<#ty>())
        #read_only
        #default
    })
}

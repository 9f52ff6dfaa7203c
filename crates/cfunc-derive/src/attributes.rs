//! What `#[cfunc(…)]` says.

use syn::{Attribute, Expr, LitStr, Path};

/// Of a struct or an enum.
#[derive(Default)]
pub(crate) struct OfStruct {
    pub(crate) name: Option<String>,
    pub(crate) facade: Option<Path>,
}

/// What a field is of, where its Rust type does not say it.
pub(crate) enum Meaning {
    /// Integers of a type of the context: an enumeration, a time.
    Integers(String),
    /// A type of the context as it lies in a cell.
    Named(String),
    /// A pointer to something opaque.
    Opaque(String),
}

/// Of a field.
#[derive(Default)]
pub(crate) struct OfField {
    pub(crate) rename: Option<String>,
    pub(crate) skip: bool,
    pub(crate) read_only: bool,
    pub(crate) nullable: bool,
    pub(crate) default: Option<Expr>,
    pub(crate) meaning: Option<Meaning>,
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfunc"))
}

impl OfStruct {
    pub(crate) fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("name") {
                    read.name = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("crate") {
                    read.facade = Some(meta.value()?.parse::<LitStr>()?.parse()?);
                } else {
                    return Err(meta.error("it takes `name` and `crate`"));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}

impl OfField {
    pub(crate) fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                let mut meaning = None;
                if meta.path.is_ident("rename") {
                    read.rename = Some(meta.value()?.parse::<LitStr>()?.value());
                } else if meta.path.is_ident("skip") {
                    read.skip = true;
                } else if meta.path.is_ident("read_only") {
                    read.read_only = true;
                } else if meta.path.is_ident("nullable") {
                    read.nullable = true;
                } else if meta.path.is_ident("default") {
                    read.default = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("datetime") {
                    meaning = Some(Meaning::Integers("datetime".to_owned()));
                } else if meta.path.is_ident("timedelta") {
                    meaning = Some(Meaning::Integers("timedelta".to_owned()));
                } else if meta.path.is_ident("enum") {
                    meaning = Some(Meaning::Integers(meta.value()?.parse::<LitStr>()?.value()));
                } else if meta.path.is_ident("named") {
                    meaning = Some(Meaning::Named(meta.value()?.parse::<LitStr>()?.value()));
                } else if meta.path.is_ident("opaque") {
                    meaning = Some(Meaning::Opaque(meta.value()?.parse::<LitStr>()?.value()));
                } else {
                    let known = "a field takes `rename`, `skip`, `read_only`, `nullable`, `default`, `enum`, \
                                 `datetime`, `timedelta`, `named` and `opaque`";
                    return Err(meta.error(known));
                }
                if meaning.is_some() && read.meaning.is_some() {
                    return Err(meta.error("a field is of one type"));
                }
                read.meaning = read.meaning.take().or(meaning);
                Ok(())
            })?;
        }
        Ok(read)
    }
}

/// Of a variant of an enum.
#[derive(Default)]
pub(crate) struct OfVariant {
    pub(crate) rename: Option<String>,
}

impl OfVariant {
    pub(crate) fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("rename") {
                    return Err(meta.error("a member takes `rename`"));
                }
                read.rename = Some(meta.value()?.parse::<LitStr>()?.value());
                Ok(())
            })?;
        }
        Ok(read)
    }
}

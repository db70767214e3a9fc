//! One field of a record.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, Field, LitStr, Type};

use crate::mistakes::{Mistakes, unknown, with_help};

/// One field of a record.
#[derive(Clone)]
pub(crate) struct RecordField {
    /// The field's name in the struct.
    pub(crate) ident: Ident,
    /// Its type.
    pub(crate) ty: Type,
    /// Its column, unless it is skipped.
    pub(crate) column: Option<RecordColumn>,
    /// Its other attributes.
    pub(crate) attributes: Vec<Attribute>,
}

/// The column of a field.
#[derive(Clone)]
pub(crate) struct RecordColumn {
    /// Its name.
    pub(crate) name: String,
    /// Where the name is written.
    pub(crate) span: Span,
    /// Whether `#[record(key)]` says that it is the primary key.
    pub(crate) key: bool,
}

const OPTIONS: &[&str] = &["rename", "skip", "key"];

impl RecordField {
    /// Reads a field and its `#[record(..)]`.
    pub(super) fn read(field: &Field, mistakes: &mut Mistakes) -> Option<Self> {
        let ident = field.ident.clone()?;
        let (mut name, mut span) = (ident.unraw().to_string(), ident.span());
        let (mut skip, mut key) = (false, None);
        for attribute in field.attrs.iter().filter(|one| one.path().is_ident("record")) {
            let read = attribute.parse_nested_meta(|meta| {
                let option = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
                match option.as_str() {
                    "rename" => {
                        let text: LitStr = meta.value()?.parse()?;
                        (name, span) = (text.value(), text.span());
                    }
                    "skip" => skip = true,
                    "key" => key = Some(meta.path.clone()),
                    _ => {
                        let written = meta.path.to_token_stream().to_string();
                        let message = format!("there is no option `{written}` of a record's field");
                        return Err(meta.error(unknown(
                            message,
                            &written,
                            OPTIONS.iter().copied(),
                        )));
                    }
                }
                Ok(())
            });
            if let Err(mistake) = read {
                mistakes.push(mistake);
            }
        }
        if let Some(key) = key.as_ref().filter(|_| skip) {
            mistakes.at(key, with_help("a skipped field is no key", "drop one of the two"));
        }
        let column = (!skip).then(|| RecordColumn { name, span, key: key.is_some() });
        Some(Self { ident, ty: field.ty.clone(), column, attributes: field.attrs.clone() })
    }

    /// Returns `T` of a type that is written `Option<T>`.
    pub(crate) fn within_option(&self) -> Option<&Type> {
        let Type::Path(path) = &self.ty else { return None };
        let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        match arguments.args.first()? {
            syn::GenericArgument::Type(inner) => Some(inner),
            _ => None,
        }
    }
}

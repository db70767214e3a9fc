//! One field of a record.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::ParseStream;
use syn::{Attribute, Field, LitBool, LitStr, Type};

use crate::identifier::identifier;
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
    /// What `#[record(follow = ..)]` says of the method to the row that it references.
    pub(crate) follow: Option<Follow>,
}

/// The method that goes from a foreign key to the row it references.
#[derive(Clone)]
pub(crate) enum Follow {
    /// It has this name.
    Named(Ident),
    /// There is none.
    Never(LitBool),
}

const OPTIONS: &[&str] = &["rename", "skip", "key", "follow"];

impl RecordField {
    /// Reads a field and its `#[record(..)]`.
    pub(super) fn read(field: &Field, mistakes: &mut Mistakes) -> Option<Self> {
        let ident = field.ident.clone()?;
        let (mut name, mut span) = (ident.unraw().to_string(), ident.span());
        let (mut skip, mut of_columns) = (false, Vec::new());
        let (mut key, mut follow) = (false, None);
        for attribute in field.attrs.iter().filter(|one| one.path().is_ident("record")) {
            let read = attribute.parse_nested_meta(|meta| {
                let option = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
                if matches!(option.as_str(), "rename" | "key" | "follow") {
                    of_columns.push(meta.path.clone());
                }
                match option.as_str() {
                    "rename" => {
                        let text: LitStr = meta.value()?.parse()?;
                        (name, span) = (text.value(), text.span());
                    }
                    "skip" => skip = true,
                    "key" => key = true,
                    "follow" => follow = Some(Follow::read(meta.value()?)?),
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
        for option in of_columns.iter().filter(|_| skip) {
            let message = "a skipped field has no column, which this option is about";
            mistakes.at(option, with_help(message, "drop it, or `skip`"));
        }
        let column = (!skip).then_some(RecordColumn { name, span, key, follow });
        Some(Self { ident, ty: field.ty.clone(), column, attributes: field.attrs.clone() })
    }

    /// Returns the name that the definition and the database have for the field.
    pub(crate) fn column_name(&self) -> Option<&str> {
        self.column.as_ref().map(|column| column.name.as_str())
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

impl Follow {
    fn read(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitBool) {
            let never: LitBool = input.parse()?;
            if !never.value {
                return Ok(Self::Never(never));
            }
            return Err(syn::Error::new(never.span(), FOLLOW));
        }
        let name: LitStr = input.parse().map_err(|error| syn::Error::new(error.span(), FOLLOW))?;
        match identifier(&name.value(), name.span()) {
            Some(method) => Ok(Self::Named(method)),
            None => {
                let message = format!("`{}` cannot name a method", name.value());
                Err(syn::Error::new(name.span(), message))
            }
        }
    }
}

const FOLLOW: &str = "`follow` must be the method's name in quotes, or `false` for none";

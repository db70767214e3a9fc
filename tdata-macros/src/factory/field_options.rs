//! What `#[factory(..)]` says on a field.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, LitStr, Token, Type};

use super::written::{keep, options, value};
use crate::identifier::identifier;
use crate::mistakes::{Mistakes, with_help};
use crate::record_item::RecordField;

/// The names of all options, in the order they are documented.
const NAMES: &[&str] =
    &["default", "generator", "sequence", "lazy", "association", "has_many", "by"];

/// Where a field's value comes from, as it is written.
pub(super) enum WrittenSource {
    /// An expression.
    Default(Expr),
    /// A generator with its parameters.
    Generator(LitStr),
    /// A closure of the record's number.
    Sequence(Expr),
    /// A closure of the record's other fields.
    Lazy(Expr),
    /// The factory of the record that this one belongs to.
    Association(Type),
    /// The factory of the records that belong to this one, and their foreign key.
    HasMany(Type, Ident),
    /// It cannot be read, which is told.
    Faulty,
}

impl WrittenSource {
    /// Reads the options of a field with the word that says where its value comes from; all that is
    /// wrong goes to `mistakes`.
    pub(super) fn read(field: &RecordField, mistakes: &mut Mistakes) -> Option<(Ident, Self)> {
        let mut sources: Vec<(Ident, Self)> = Vec::new();
        let mut many: Option<(Ident, Type)> = None;
        let mut by: Option<(Ident, Ident)> = None;
        let read = options(
            &field.attributes,
            "factory's field",
            NAMES,
            mistakes,
            |key, input, mistakes| {
                let source = match key.to_string().as_str() {
                    "default" => Self::Default(value(key, input, "default = 5")?),
                    "generator" => {
                        Self::Generator(value(key, input, "generator = \"first_name\"")?)
                    }
                    "sequence" => Self::Sequence(value(key, input, "sequence = |n| n as i32")?),
                    "lazy" => Self::Lazy(value(key, input, "lazy = |u| u.email.clone()")?),
                    "association" => {
                        Self::Association(value(key, input, "association = AccountFactory")?)
                    }
                    "has_many" => {
                        let factory = value(key, input, "has_many = ItemFactory, by = order_id")?;
                        keep(&mut many, key, (key.clone(), factory), mistakes);
                        return Ok(Some(()));
                    }
                    "by" => {
                        let named = foreign_key(key, input)?;
                        keep(&mut by, key, (key.clone(), named), mistakes);
                        return Ok(Some(()));
                    }
                    _ => return Ok(None),
                };
                sources.push((key.clone(), source));
                Ok(Some(()))
            },
        );
        if !read {
            return Some((field.ident.clone(), Self::Faulty));
        }
        match (many, by) {
            (Some((key, factory)), Some((_, by))) => {
                sources.push((key, Self::HasMany(factory, by)));
            }
            (Some((key, _)), None) => {
                let message = "`has_many` needs the foreign key of the records that belong to this";
                mistakes.at(&key, with_help(message, "add `by = order_id`, or what it is called"));
                return Some((key, Self::Faulty));
            }
            (None, Some((key, _))) => {
                let message = "`by` names the foreign key of `has_many`, which is not here";
                mistakes.at(&key, message);
                return Some((key, Self::Faulty));
            }
            (None, None) => {}
        }
        if let [(first, _), (second, _), ..] = sources.as_slice() {
            let message =
                format!("`{}` has several sources: `{first}` and `{second}`", field.ident);
            mistakes.at(second, with_help(&message, "keep one"));
        }
        sources.into_iter().next()
    }
}

/// Reads a field's name, bare or in quotes.
fn foreign_key(key: &Ident, input: ParseStream<'_>) -> syn::Result<Ident> {
    const EXAMPLE: &str = "by = order_id";
    let (name, span) = if input.peek(Token![=]) && input.peek2(LitStr) {
        let text: LitStr = value(key, input, EXAMPLE)?;
        (text.value(), text.span())
    } else {
        let Word(name) = value(key, input, EXAMPLE)?;
        (name.unraw().to_string(), name.span())
    };
    identifier(&name, span)
        .ok_or_else(|| syn::Error::new(span, format!("`{name}` cannot name a field")))
}

/// A name, which may be a keyword.
struct Word(Ident);

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Ident::parse_any).map(Self)
    }
}

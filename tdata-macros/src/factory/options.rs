//! What `#[factory(..)]` says on the struct.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Token, Type, parenthesized};

use super::written::{keep, options, value};
use crate::identifier::identifier;
use crate::mistakes::{Mistakes, with_help};

/// The names of all options, in the order they are documented.
const NAMES: &[&str] = &["trait", "transient", "after_build", "after_create", "name"];

/// What `#[factory(..)]` says on the struct.
#[derive(Default)]
pub(super) struct Options {
    /// The traits, as they are written.
    pub(super) traits: Vec<WrittenTrait>,
    /// The parameters that are no columns.
    pub(super) transients: Vec<Transient>,
    /// What is done with a record once it is built.
    pub(super) after_build: Option<Expr>,
    /// What is done with a record once it is stored.
    pub(super) after_create: Option<Expr>,
    /// The factory's own name.
    pub(super) name: Option<Ident>,
}

/// A trait, as it is written.
pub(super) struct WrittenTrait {
    /// Its name.
    pub(super) name: Ident,
    /// What it says, in order.
    pub(super) calls: Vec<Call>,
}

/// One thing that a trait says: a call of a method of the builder.
pub(super) struct Call {
    /// The method.
    pub(super) method: Ident,
    /// What it is given.
    pub(super) given: Given,
}

/// What a method is given.
pub(super) enum Given {
    /// Nothing: `verified`.
    Nothing,
    /// A value: `plan = "pro"`.
    Value(Expr),
    /// Arguments: `with_items_of(2, |item| item.quantity(5))`.
    Arguments(TokenStream),
}

/// A parameter that is no column.
pub(super) struct Transient {
    /// Its name.
    pub(super) name: Ident,
    /// Its type.
    pub(super) ty: Type,
    /// What it is where a test says nothing; else its type's default.
    pub(super) default: Option<Expr>,
}

impl Options {
    /// Reads the options; all that is wrong goes to `mistakes`.
    pub(super) fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        let mut read = Self::default();
        let _told = options(attributes, "factory", NAMES, mistakes, |key, input, mistakes| {
            match key.to_string().as_str() {
                "trait" => read.traits.extend(a_trait(key, input)?),
                "transient" => read.transients.extend(transients(key, input)?),
                "after_build" => {
                    let hook = value(key, input, "after_build = |user| user.tidy()")?;
                    keep(&mut read.after_build, key, hook, mistakes);
                }
                "after_create" => {
                    let hook = value(key, input, "after_create = greet")?;
                    keep(&mut read.after_create, key, hook, mistakes);
                }
                "name" => {
                    let name = value(key, input, "name = CustomerFactory")?;
                    keep(&mut read.name, key, name, mistakes);
                }
                _ => return Ok(None),
            }
            Ok(Some(()))
        });
        read
    }
}

/// Returns what stands in the parentheses behind a key.
fn in_parentheses(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<TokenStream> {
    if !input.peek(syn::token::Paren) {
        let message = format!("`{key}` takes parentheses: `{example}`");
        return Err(syn::Error::new_spanned(key, message));
    }
    let content;
    parenthesized!(content in input);
    content.parse()
}

fn a_trait(key: &Ident, input: ParseStream<'_>) -> syn::Result<Option<WrittenTrait>> {
    let content = in_parentheses(key, input, "trait(verified => is_verified = true)")?;
    let parser = |input: ParseStream<'_>| {
        let name = input.parse()?;
        // A comma does as well, but lints of attributes then take what two traits set for the same
        // thing twice.
        if input.parse::<Option<Token![=>]>>()?.is_none() {
            input.parse::<Option<Token![,]>>()?;
        }
        let calls = Punctuated::<Call, Token![,]>::parse_terminated(input)?;
        Ok(WrittenTrait { name, calls: calls.into_iter().collect() })
    };
    if content.is_empty() {
        let help = "such as `trait(verified => is_verified = true)`";
        return Err(syn::Error::new_spanned(key, with_help("a trait has a name", help)));
    }
    parser.parse2(content).map(Some)
}

impl syn::parse::Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let method = input.call(Ident::parse_any)?;
        let method = identifier(&method.unraw().to_string(), method.span()).unwrap_or(method);
        let given = if input.parse::<Option<Token![=]>>()?.is_some() {
            Given::Value(input.parse()?)
        } else if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            Given::Arguments(content.parse()?)
        } else {
            Given::Nothing
        };
        Ok(Self { method, given })
    }
}

fn transients(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Transient>> {
    let content = in_parentheses(key, input, "transient(plan: &'static str = \"free\")")?;
    let all = Punctuated::<Transient, Token![,]>::parse_terminated.parse2(content)?;
    Ok(all.into_iter().collect())
}

impl syn::parse::Parse for Transient {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        let equals: Option<Token![=]> = input.parse()?;
        let default = equals.map(|_| input.parse()).transpose()?;
        Ok(Self { name, ty, default })
    }
}

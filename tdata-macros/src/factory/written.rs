//! How the options of `#[factory(..)]` are written.

use proc_macro2::{Ident, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Token};

use crate::mistakes::{Mistakes, unknown};

/// Goes over the options of all `#[factory(..)]` among `attributes`. `read` takes the option that a
/// key begins, and returns `None` where it knows no such key. Returns whether all could be read.
pub(super) fn options(
    attributes: &[Attribute],
    whose: &str,
    known: &[&str],
    mistakes: &mut Mistakes,
    mut read: impl FnMut(&Ident, ParseStream<'_>, &mut Mistakes) -> syn::Result<Option<()>>,
) -> bool {
    let mut all = true;
    for attribute in attributes.iter().filter(|one| one.path().is_ident("factory")) {
        let parsed = attribute.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                let key = input.call(Ident::parse_any)?;
                if read(&key, input, mistakes)?.is_none() {
                    all = false;
                    let written = key.to_string();
                    let message = format!("there is no option `{written}` of a {whose}");
                    mistakes.at(&key, unknown(message, &written, known.iter().copied()));
                    while !input.is_empty() && !input.peek(Token![,]) {
                        input.parse::<TokenTree>()?;
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        });
        if let Err(mistake) = parsed {
            all = false;
            mistakes.push(mistake);
        }
    }
    all
}

/// Reads `= value`; `example` is what the option looks like.
pub(super) fn value<T: Parse>(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
) -> syn::Result<T> {
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() || input.peek(Token![,]) {
        let message = format!("`{key}` takes a value: `{example}`");
        return Err(syn::Error::new_spanned(key, message));
    }
    input.parse()
}

/// Keeps a value; tells when there is one already.
pub(super) fn keep<T>(place: &mut Option<T>, key: &Ident, value: T, mistakes: &mut Mistakes) {
    if place.is_some() {
        mistakes.at(key, format!("`{key}` is given twice"));
    }
    *place = Some(value);
}

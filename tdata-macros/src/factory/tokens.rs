//! Names and code of users: as texts, and where the compiler tells their mistakes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

use crate::identifier::respanned;

/// Returns a field's name as texts have it: without `r#`.
pub(super) fn text(ident: &Ident) -> String {
    use syn::ext::IdentExt as _;
    ident.unraw().to_string()
}

/// Returns the name of a variable that code of users cannot see, and not clash with; mistakes are
/// told at `place`.
pub(super) fn local(ident: &Ident, place: Span) -> Ident {
    respanned(ident, Span::mixed_site().located_at(place))
}

/// Returns code whose mistakes are told at `place`.
pub(super) fn told_at(place: Span, code: &impl ToTokens) -> TokenStream {
    let tokens = code.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    tokens.collect()
}

/// Returns code as people write it, as far as tokens tell.
pub(super) fn shown(code: &impl ToTokens) -> String {
    let text = code.to_token_stream().to_string();
    let text = text.replace(" :: ", "::").replace(" . ", ".").replace(" (", "(");
    text.replace("( ", "(")
        .replace(" )", ")")
        .replace(" ,", ",")
        .replace("& ", "&")
        .replace(" !", "!")
}

//! Identifiers of Rust, made of the names that definitions and users have.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;

/// Words that are keywords in some edition, and that the parser takes for names all the same. What macros write
/// is read in their own edition, wherever it is written to.
const KEYWORDS: &[&str] = &["gen"];

/// Makes an identifier of a name, a raw one of a keyword. `None` where it cannot be one: `self`, `Self`, `super`,
/// `crate`, `_`, and what is no name at all.
pub(crate) fn identifier(name: &str, span: Span) -> Option<Ident> {
    let plain = || syn::parse_str::<Ident>(name).ok().filter(|_| !KEYWORDS.contains(&name));
    let raw = || syn::parse_str::<Ident>(&format!("r#{name}")).ok();
    let mut ident = plain().or_else(raw)?;
    ident.set_span(span);
    Some(ident)
}

/// Returns an identifier with another span, which may be of another edition: a raw one where it may be a keyword
/// there.
pub(crate) fn respanned(ident: &Ident, span: Span) -> Ident {
    identifier(&ident.unraw().to_string(), span).unwrap_or_else(|| {
        let mut ident = ident.clone();
        ident.set_span(span);
        ident
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_raw_where_they_can_be() {
        for (name, ident) in [
            ("email", Some("email")),
            ("type", Some("r#type")),
            ("match", Some("r#match")),
            ("dyn", Some("r#dyn")),
            ("async", Some("r#async")),
            ("try", Some("r#try")),
            ("gen", Some("r#gen")),
            ("true", Some("r#true")),
            ("union", Some("union")),
            ("_a", Some("_a")),
            ("self", None),
            ("Self", None),
            ("super", None),
            ("crate", None),
            ("_", None),
            ("", None),
            ("2nd", None),
            ("a b", None),
            ("r#type", Some("r#type")),
        ] {
            let found = identifier(name, Span::call_site()).map(|ident| ident.to_string());
            assert_eq!(found.as_deref(), ident, "{name}");
        }
        assert_eq!(respanned(&Ident::new("gen", Span::call_site()), Span::mixed_site()), "r#gen");
    }
}

//! What `#[should_panic]` says of a test, and of the cases that rstest makes of it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Lit, Meta, Path, Token};

/// Returns the value that describes this to the runtime, one entry for each `#[should_panic]`.
pub(super) fn should_panic(attributes: &[Attribute], tdata: &Path) -> Vec<TokenStream> {
    let is_case = |attribute: &Attribute| {
        attribute.path().segments.first().is_some_and(|first| first.ident == "case")
    };
    let cases = attributes.iter().filter(|attribute| is_case(attribute)).count();
    let mut entries = Vec::new();
    let mut before = 0;
    for attribute in attributes {
        if is_case(attribute) {
            before += 1;
        }
        // rstest takes what stands before a case for that one, and what stands behind the last for all.
        let case = if before < cases { some(&quote!(#before + 1)) } else { none() };
        for (condition, meta) in metas(attribute) {
            let expected = expected(&meta).map_or_else(none, |text| some(&text));
            let condition = condition.map(|condition| quote!(#[cfg(#condition)]));
            entries.push(quote! {
                #condition
                #tdata::__private::ShouldPanic { case: #case, expected: #expected }
            });
        }
    }
    entries
}

fn some(value: &TokenStream) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
}

fn none() -> TokenStream {
    quote!(::core::option::Option::None)
}

/// Returns the `should_panic` that an attribute is, or that it is on a condition.
fn metas(attribute: &Attribute) -> Vec<(Option<Meta>, Meta)> {
    let is_it = |meta: &Meta| meta.path().is_ident("should_panic");
    if is_it(&attribute.meta) {
        return vec![(None, attribute.meta.clone())];
    }
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let written = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let mut metas = written.into_iter().flatten();
    let Some(condition) = metas.next() else { return Vec::new() };
    metas.filter(is_it).map(|meta| (Some(condition.clone()), meta)).collect()
}

/// Returns the text that the message of the panic has to hold.
fn expected(meta: &Meta) -> Option<TokenStream> {
    let text = |value: &Expr| match value {
        Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)) => Some(quote!(#literal)),
        _ => None,
    };
    match meta {
        Meta::Path(_) => None,
        Meta::NameValue(written) => text(&written.value),
        Meta::List(list) => {
            let written = list.parse_args::<syn::MetaNameValue>().ok()?;
            if written.path.is_ident("expected") { text(&written.value) } else { None }
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn each_says_of_which_case_it_is_and_what_is_expected() {
        let attributes: Vec<Attribute> = parse_quote! {
            #[rstest]
            #[case(1)]
            #[should_panic = "two"]
            #[case::named(2)]
            #[should_panic]
            #[cfg_attr(unix, ignore, should_panic(expected = "unix"))]
        };
        let entries = should_panic(&attributes, &parse_quote!(::tdata));
        let found = quote!(#(#entries),*).to_string();
        let expected = quote! {
            ::tdata::__private::ShouldPanic {
                case: ::core::option::Option::Some(1usize + 1),
                expected: ::core::option::Option::Some("two")
            },
            ::tdata::__private::ShouldPanic {
                case: ::core::option::Option::None,
                expected: ::core::option::Option::None
            },
            #[cfg(unix)]
            ::tdata::__private::ShouldPanic {
                case: ::core::option::Option::None,
                expected: ::core::option::Option::Some("unix")
            }
        };
        assert_eq!(found, expected.to_string());
    }

    #[test]
    fn of_other_tests_nothing_is_said() {
        let attributes: Vec<Attribute> = parse_quote!(#[test] #[ignore] #[cfg_attr(unix, ignore)]);
        assert!(should_panic(&attributes, &parse_quote!(::tdata)).is_empty());
    }
}

//! Which attributes make a function a test.

use syn::Attribute;

/// Tells whether an attribute of that name makes a function a test: `test` of the language or of a
/// runtime, `rstest`, or another crate's such as `wasm_bindgen_test`.
pub(super) fn makes_a_test(name: &str) -> bool {
    matches!(name, "test" | "rstest" | "gtest") || name.ends_with("_test")
}

/// Tells whether an attribute makes a function a test.
pub(super) fn is_test(attribute: &Attribute) -> bool {
    name(attribute).is_some_and(|name| makes_a_test(&name))
}

/// Tells whether an attribute is rstest's, which supplies parameters.
pub(super) fn is_rstest(attribute: &Attribute) -> bool {
    name(attribute).is_some_and(|name| name == "rstest")
}

/// Tells whether an attribute is `#[requires_test_data]` itself.
pub(super) fn is_ours(attribute: &Attribute) -> bool {
    name(attribute).is_some_and(|name| name == "requires_test_data")
}

/// Tells whether an attribute is the language's own and means the same on any item: what can stay
/// when all that makes a test of a function goes.
pub(super) fn is_inert(attribute: &Attribute) -> bool {
    let inert = ["allow", "cfg", "deny", "doc", "expect", "forbid", "warn"];
    name(attribute).is_some_and(|name| inert.contains(&name.as_str()))
}

fn name(attribute: &Attribute) -> Option<String> {
    attribute.path().segments.last().map(|segment| segment.ident.to_string())
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn the_last_segment_decides() {
        for test in [parse_quote!(#[test]), parse_quote!(#[::core::prelude::v1::test])] {
            assert!(is_test(&test));
        }
        assert!(is_test(&parse_quote!(#[tokio::test(flavor = "multi_thread")])));
        assert!(is_test(&parse_quote!(#[wasm_bindgen_test])));
        assert!(is_test(&parse_quote!(#[rstest])));
        assert!(!is_test(&parse_quote!(#[cfg(test)])));
        assert!(!is_test(&parse_quote!(#[test_helper])));
        assert!(is_ours(&parse_quote!(#[tdata::requires_test_data(datasets = ["users"])])));
    }
}

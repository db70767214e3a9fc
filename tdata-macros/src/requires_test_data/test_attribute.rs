//! Which attributes make a function a test.

use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Meta, Path, Token};

/// Tells whether an attribute makes a function a test: `test` of the language or of a runtime,
/// `rstest` and what else supplies parameters, or another crate's such as `wasm_bindgen_test`; also
/// when `cfg_attr` makes it one, for then whether it is a test is not for us to say.
pub(super) fn is_test(attribute: &Attribute) -> bool {
    let makes_a_test =
        |name: &str| matches!(name, "test" | "gtest") || name.ends_with("_test") || supplies(name);
    match name(attribute.path()).as_str() {
        "cfg_attr" => conditional(attribute).iter().any(|name| makes_a_test(name)),
        name => makes_a_test(name),
    }
}

/// Returns the names of the attributes that `cfg_attr` stands for.
fn conditional(attribute: &Attribute) -> Vec<String> {
    let metas = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    metas.iter().flatten().skip(1).map(|meta| name(meta.path())).collect()
}

/// The test attributes that supply parameters: those of the crates `rstest`, `rstest_reuse` (which
/// has `apply`), `test_case` and `quickcheck`.
const SUPPLIERS: &[&str] = &["rstest", "apply", "test_case", "test_matrix", "quickcheck"];

fn supplies(name: &str) -> bool {
    SUPPLIERS.contains(&name)
}

/// Tells whether an attribute supplies the test's parameters.
pub(super) fn is_supplier(attribute: &Attribute) -> bool {
    supplies(&name(attribute.path()))
}

/// Tells whether an attribute supplies parameters by their names, as fixtures: rstest's.
pub(super) fn supplies_by_name(attribute: &Attribute) -> bool {
    matches!(name(attribute.path()).as_str(), "rstest" | "apply")
}

/// Tells whether an attribute is there or not as the build is configured.
pub(super) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// Tells whether an attribute is `#[requires_test_data]` itself.
pub(super) fn is_ours(attribute: &Attribute) -> bool {
    name(attribute.path()) == "requires_test_data"
}

/// Tells whether an attribute is the language's own and means the same on any item: what can stay
/// when all that makes a test of a function goes.
pub(super) fn is_inert(attribute: &Attribute) -> bool {
    let inert = ["allow", "cfg", "deny", "doc", "expect", "forbid", "warn"];
    inert.contains(&name(attribute.path()).as_str())
}

/// Tells whether an attribute leaves an item where it is, with all its code, in any build of tests.
pub(super) fn keeps_its_item(attribute: &Attribute) -> bool {
    let keeping = ["ignore", "should_panic", "test"];
    !is_cfg(attribute)
        && (is_inert(attribute) || keeping.contains(&name(attribute.path()).as_str()))
}

/// Returns the name of a test attribute that an import brings: `rstest`, say, but not the language's
/// `test` and not `tokio::test`.
pub(super) fn imported_test(attribute: &Attribute) -> Option<&Ident> {
    let name = attribute.path().get_ident()?;
    (is_test(attribute) && name != "test" && name != "cfg_attr").then_some(name)
}

fn name(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
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
        for supplier in [
            parse_quote!(#[rstest]),
            parse_quote!(#[apply(states)]),
            parse_quote!(#[test_case::test_case(1, 2; "small")]),
            parse_quote!(#[test_matrix([1, 2])]),
            parse_quote!(#[quickcheck]),
        ] {
            assert!(is_test(&supplier) && is_supplier(&supplier));
        }
        assert!(!is_supplier(&parse_quote!(#[tokio::test])));
        assert!(is_test(&parse_quote!(#[cfg_attr(feature = "slow", ignore, tokio::test)])));
        assert!(!is_test(&parse_quote!(#[cfg_attr(test, ignore)])));
        assert!(!is_test(&parse_quote!(#[cfg(test)])));
        assert!(!is_test(&parse_quote!(#[test_helper])));
        assert!(keeps_its_item(&parse_quote!(#[tokio::test])));
        assert!(keeps_its_item(&parse_quote!(#[doc = "What it proves."])));
        assert!(!keeps_its_item(&parse_quote!(#[cfg(unix)])));
        assert!(!keeps_its_item(&parse_quote!(#[cfg_attr(windows, cfg(test))])));
        assert!(!keeps_its_item(&parse_quote!(#[rstest])));
        assert!(is_ours(&parse_quote!(#[tdata::requires_test_data(datasets = ["users"])])));
    }
}

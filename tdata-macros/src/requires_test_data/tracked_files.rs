//! The files that a crate is compiled again for.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

use super::test_attribute::keeps_its_item;

/// By the crate being compiled: the files that its code names already.
///
/// A compiler expands all macros of a crate in each of its processes, so that what one use of the
/// attribute named the others need not name. A language server, where that is not so, tracks no files.
static NAMED: Mutex<BTreeSet<(String, PathBuf)>> = Mutex::new(BTreeSet::new());

/// Returns code that makes cargo build again when one of the files changes, for an item with these
/// attributes. What the crate has named already is left out: hundreds of tests use the same files, and the
/// compiler reads each as often as it is named.
pub(super) fn rebuilt_for(files: &[PathBuf], attributes: &[Attribute]) -> TokenStream {
    let folder = std::env::var("CARGO_MANIFEST_DIR").ok();
    let name = std::env::var("CARGO_CRATE_NAME").ok();
    let being_compiled = folder.zip(name).map(|(folder, name)| format!("{folder} {name}"));
    match being_compiled {
        // An item that another attribute may yet take away names its files for itself alone.
        Some(being_compiled) if attributes.iter().all(keeps_its_item) => {
            include(&not_named_yet(&being_compiled, files))
        }
        _ => include(files),
    }
}

fn not_named_yet(being_compiled: &str, files: &[PathBuf]) -> Vec<PathBuf> {
    let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
    let new = |file: &&PathBuf| named.insert((being_compiled.to_owned(), (*file).clone()));
    files.iter().filter(new).cloned().collect()
}

fn include(files: &[PathBuf]) -> TokenStream {
    let files = files.iter().filter_map(|file| file.to_str());
    quote!(#(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn files_are_named_to_cargo() {
        let text = include(&[PathBuf::from("/shop/users.yaml")]).to_string();
        assert!(text.contains(r#"include_bytes ! ("/shop/users.yaml")"#), "{text}");
    }

    #[test]
    fn a_crate_names_a_file_once() {
        let files = ["/once/users.yaml", "/once/orders.yaml"].map(PathBuf::from);
        let [users, _] = &files;
        let one = std::slice::from_ref(users);
        assert_eq!(not_named_yet("shop", one), one);
        assert_eq!(not_named_yet("shop", &files), files[1..]);
        assert_eq!(not_named_yet("shop", &files), [] as [PathBuf; 0]);
        assert_eq!(not_named_yet("another", one), one);
    }

    #[test]
    fn what_may_be_taken_away_names_all_files() {
        let files = [PathBuf::from("/taken/users.yaml")];
        for attribute in [parse_quote!(#[cfg(windows)]), parse_quote!(#[anything])] {
            for _ in 0..2 {
                let text = rebuilt_for(&files, std::slice::from_ref(&attribute)).to_string();
                assert!(text.contains("/taken/users.yaml"), "{text}");
            }
        }
    }
}

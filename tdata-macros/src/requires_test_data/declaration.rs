//! The constant that describes a test to the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use tdata_core::contract::{OPTIONS, PartialContract, Scope};

use super::options::Options;

/// Returns the declaration of the test named `test`; `scope` is of a test whose options name none, where it is not
/// the usual one.
///
/// Options are written as their texts, and only those that somebody said: the compiler reads this once for each
/// test.
pub(super) fn declaration(test: &Ident, options: &Options, scope: Option<Scope>) -> TokenStream {
    let tdata = &options.tdata;
    let test = test.to_string();
    let package = of_crate("CARGO_PKG_NAME");
    let target = of_crate("CARGO_CRATE_NAME");
    let datasets = &options.datasets;
    let volumes = options.volumes.iter().map(|(dataset, rows)| {
        let rows = rows.to_string();
        quote!((#dataset, #rows))
    });
    let contract =
        PartialContract { scope: options.contract.scope.or(scope), ..options.contract.clone() };
    let written = OPTIONS.iter().filter_map(|option| {
        let (name, value) = (option.name, option.write(&contract)?);
        Some(quote!((#name, #value)))
    });
    quote! {
        #tdata::__private::Declaration {
            manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            package: #package,
            target: #target,
            module: ::core::module_path!(),
            test: #test,
            datasets: &[#(#datasets),*],
            volumes: &[#(#volumes),*],
            options: &[#(#written),*]
        }
    }
}

/// Returns what cargo calls the crate being compiled in a variable: as it is, which spares the compiler
/// an `env!` for each test. Another name would be another build.
fn of_crate(variable: &str) -> TokenStream {
    match std::env::var(variable) {
        Ok(value) => value.into_token_stream(),
        Err(_) => quote!(::core::env!(#variable)),
    }
}

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::*;
    use crate::mistakes::Mistakes;

    #[test]
    fn the_declaration_holds_all_options() {
        let mut mistakes = Mistakes::default();
        let options = quote! {
            datasets = ["users", "orders"],
            volume = { users = 50, orders = full },
            scope = test_class,
            isolation = schema,
            apply_masking = false,
            version = "v1.2.0",
            seed = 7,
            as_of = "2024-05-01",
            writable = true,
            keep = always,
            crate = my::tdata,
        };
        let options = Options::parse(options, &mut mistakes);
        assert!(mistakes.is_empty());
        let found = declaration(&format_ident!("pays"), &options, None);
        let package = env!("CARGO_PKG_NAME");
        let target = of_crate("CARGO_CRATE_NAME");
        let expected = quote! {
            my::tdata::__private::Declaration {
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                package: #package,
                target: #target,
                module: ::core::module_path!(),
                test: "pays",
                datasets: &["users", "orders"],
                volumes: &[("users", "50"), ("orders", "full")],
                options: &[
                    ("scope", "test_class"),
                    ("isolation", "schema"),
                    ("apply_masking", "false"),
                    ("version", "v1.2.0"),
                    ("seed", "7"),
                    ("as_of", "2024-05-01T00:00:00Z"),
                    ("writable", "true"),
                    ("keep", "always")
                ]
            }
        };
        assert_eq!(found.to_string(), expected.to_string());
    }

    #[test]
    fn what_nobody_says_is_not_written() {
        let declared = |options: TokenStream, scope| {
            let mut mistakes = Mistakes::default();
            let options = Options::parse(quote!(datasets = ["users"], #options), &mut mistakes);
            assert!(mistakes.is_empty());
            declaration(&format_ident!("pays"), &options, scope).to_string()
        };
        let plain = declared(quote!(), None);
        assert!(plain.ends_with("volumes : & [] , options : & [] }"), "{plain}");
        for (options, scope, written) in [
            (quote!(volume = full), None, quote!(options: &[("volume", "full")])),
            (quote!(), Some(Scope::TestClass), quote!(options: &[("scope", "test_class")])),
            (
                quote!(scope = test_case),
                Some(Scope::TestClass),
                quote!(options: &[("scope", "test_case")]),
            ),
        ] {
            let found = declared(options, scope);
            assert!(found.contains(&written.to_string()), "{found}");
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_the_compilers_to_tell() {
        let found = of_crate("TDATA_NEVER_SET").to_string();
        assert_eq!(found, quote!(::core::env!("TDATA_NEVER_SET")).to_string());
    }
}

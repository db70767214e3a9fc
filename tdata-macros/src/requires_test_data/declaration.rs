//! The constant that describes a test to the runtime.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::Path;
use tdata_core::contract::{OPTIONS, PartialContract, Scope};

use super::item::TestFn;
use super::options::Options;
use super::should_panic::should_panic;

/// Returns the declaration of a test; `scope` is of a test whose options name none, where it is not the usual one.
///
/// Options are written as their texts, and only those that somebody said: the compiler reads this once for each
/// test.
pub(super) fn declaration(test: &TestFn, options: &Options, scope: Option<Scope>) -> TokenStream {
    let tdata = &options.tdata;
    let should_panic = should_panic(&test.attributes, tdata);
    let test = test.signature.ident.to_string();
    let binary = binary(tdata);
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
            binary: #binary,
            module: ::core::module_path!(),
            test: #test,
            datasets: &[#(#datasets),*],
            volumes: &[#(#volumes),*],
            options: &[#(#written),*],
            should_panic: &[#(#should_panic),*]
        }
    }
}

/// Returns what the crate being compiled is, as far as cargo tells.
fn binary(tdata: &Path) -> TokenStream {
    let kind = quote!(#tdata::__private::Binary);
    match (std::env::var("CARGO_BIN_NAME"), std::env::var_os("CARGO_TARGET_TMPDIR")) {
        (Ok(name), _) => quote!(#kind::Program(#name)),
        (Err(_), Some(_)) => quote!(#kind::Test),
        (Err(_), None) => quote!(#kind::Library),
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
    use syn::ItemFn;

    use super::*;
    use crate::mistakes::Mistakes;

    fn test() -> TestFn {
        let function: ItemFn = syn::parse_quote!(
            #[test]
            #[should_panic]
            fn pays() {}
        );
        TestFn::from(function)
    }

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
        let found = declaration(&test(), &options, None);
        let package = env!("CARGO_PKG_NAME");
        let target = of_crate("CARGO_CRATE_NAME");
        let expected = quote! {
            my::tdata::__private::Declaration {
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                package: #package,
                target: #target,
                binary: my::tdata::__private::Binary::Library,
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
                ],
                should_panic: &[my::tdata::__private::ShouldPanic {
                    case: ::core::option::Option::None,
                    expected: ::core::option::Option::None
                }]
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
            declaration(&test(), &options, scope).to_string()
        };
        let plain = declared(quote!(), None);
        assert!(plain.contains("volumes : & [] , options : & [] ,"), "{plain}");
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

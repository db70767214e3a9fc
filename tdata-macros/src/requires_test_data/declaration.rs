//! The constant that describes a test to the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use tdata_core::contract::{Isolation, Keep, Scope, VersionChoice, Volume};

use super::options::Options;

/// Returns the declaration of the test named `test`; `default_scope` holds where no option does.
pub(super) fn declaration(test: &Ident, options: &Options, default_scope: Scope) -> TokenStream {
    let tdata = &options.tdata;
    let test = test.to_string();
    let datasets = &options.datasets;
    let volumes = options.volume.by_dataset.iter().map(|(dataset, rows)| {
        let rows = volume(*rows, options);
        quote!((#dataset, #rows))
    });
    let every_volume = option(options.volume.every.map(|rows| volume(rows, options)));
    let scope = match options.scope.unwrap_or(default_scope) {
        Scope::TestCase => quote!(TestCase),
        Scope::TestClass => quote!(TestClass),
        Scope::TestModule => quote!(TestModule),
        Scope::Shared => quote!(Shared),
    };
    let isolation = match options.isolation {
        Isolation::Full => quote!(Full),
        Isolation::Schema => quote!(Schema),
        Isolation::Transaction => quote!(Transaction),
    };
    let apply_masking = options.apply_masking;
    let version = option(match options.version {
        VersionChoice::Latest => None,
        VersionChoice::Exact(version) => Some(version.to_string()),
    });
    let seed = option(options.seed);
    let as_of = option(options.as_of.as_ref());
    let writable = options.writable;
    let keep = option(options.keep.map(|keep| {
        let keep = match keep {
            Keep::Never => quote!(Never),
            Keep::OnFailure => quote!(OnFailure),
            Keep::Always => quote!(Always),
        };
        quote!(#tdata::__private::Keep::#keep)
    }));
    quote! {
        #tdata::__private::Declaration {
            manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            package: ::core::env!("CARGO_PKG_NAME"),
            target: ::core::env!("CARGO_CRATE_NAME"),
            module: ::core::module_path!(),
            test: #test,
            datasets: &[#(#datasets),*],
            volumes: &[#(#volumes),*],
            every_volume: #every_volume,
            scope: #tdata::__private::Scope::#scope,
            isolation: #tdata::__private::Isolation::#isolation,
            apply_masking: #apply_masking,
            version: #version,
            seed: #seed,
            as_of: #as_of,
            writable: #writable,
            keep: #keep,
        }
    }
}

fn volume(volume: Volume, options: &Options) -> TokenStream {
    let tdata = &options.tdata;
    match volume {
        Volume::Rows(rows) => quote!(#tdata::__private::Volume::Rows(#rows)),
        Volume::Full => quote!(#tdata::__private::Volume::Full),
    }
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
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
        let found = declaration(&format_ident!("pays"), &options, Scope::TestCase);
        let expected = quote! {
            my::tdata::__private::Declaration {
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                package: ::core::env!("CARGO_PKG_NAME"),
                target: ::core::env!("CARGO_CRATE_NAME"),
                module: ::core::module_path!(),
                test: "pays",
                datasets: &["users", "orders"],
                volumes: &[
                    ("users", my::tdata::__private::Volume::Rows(50u64)),
                    ("orders", my::tdata::__private::Volume::Full)
                ],
                every_volume: ::core::option::Option::None,
                scope: my::tdata::__private::Scope::TestClass,
                isolation: my::tdata::__private::Isolation::Schema,
                apply_masking: false,
                version: ::core::option::Option::Some("v1.2.0"),
                seed: ::core::option::Option::Some(7u64),
                as_of: ::core::option::Option::Some("2024-05-01"),
                writable: true,
                keep: ::core::option::Option::Some(my::tdata::__private::Keep::Always),
            }
        };
        assert_eq!(found.to_string(), expected.to_string());
    }
}

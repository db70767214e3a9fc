//! The constant that describes a test to the runtime.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use tdata_core::contract::{Isolation, Keep, Scope, VersionChoice, Volume};

use super::options::Options;

/// Returns the declaration of the test named `test`; `default_scope` holds where no option does.
///
/// What is left to its default is left out: the compiler reads this once for each test.
pub(super) fn declaration(test: &Ident, options: &Options, default_scope: Scope) -> TokenStream {
    let tdata = &options.tdata;
    let test = test.to_string();
    let package = of_crate("CARGO_PKG_NAME");
    let target = of_crate("CARGO_CRATE_NAME");
    let datasets = &options.datasets;
    let others = other_options(options, default_scope);
    quote! {
        #tdata::__private::Declaration {
            manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
            package: #package,
            target: #target,
            module: ::core::module_path!(),
            test: #test,
            datasets: &[#(#datasets),*],
            #others
            ..#tdata::__private::Declaration::DEFAULT
        }
    }
}

/// Returns the fields of the options that differ from their defaults.
fn other_options(options: &Options, default_scope: Scope) -> TokenStream {
    let tdata = &options.tdata;
    let mut fields = TokenStream::new();
    if !options.volume.by_dataset.is_empty() {
        let volumes = options.volume.by_dataset.iter().map(|(dataset, rows)| {
            let rows = volume(*rows, options);
            quote!((#dataset, #rows))
        });
        fields.extend(quote!(volumes: &[#(#volumes),*],));
    }
    if let Some(rows) = options.volume.every {
        let rows = some(volume(rows, options));
        fields.extend(quote!(every_volume: #rows,));
    }
    let scope = match options.scope.unwrap_or(default_scope) {
        Scope::TestCase => None,
        Scope::TestClass => Some(quote!(TestClass)),
        Scope::TestModule => Some(quote!(TestModule)),
        Scope::Shared => Some(quote!(Shared)),
    };
    fields.extend(scope.map(|scope| quote!(scope: #tdata::__private::Scope::#scope,)));
    let isolation = match options.isolation {
        Isolation::Full => None,
        Isolation::Schema => Some(quote!(Schema)),
        Isolation::Transaction => Some(quote!(Transaction)),
    };
    fields.extend(
        isolation.map(|isolation| quote!(isolation: #tdata::__private::Isolation::#isolation,)),
    );
    if !options.apply_masking {
        fields.extend(quote!(apply_masking: false,));
    }
    if let VersionChoice::Exact(version) = options.version {
        let version = some(version.to_string());
        fields.extend(quote!(version: #version,));
    }
    if let Some(seed) = options.seed.map(some) {
        fields.extend(quote!(seed: #seed,));
    }
    if let Some(as_of) = options.as_of.as_ref().map(some) {
        fields.extend(quote!(as_of: #as_of,));
    }
    if options.writable {
        fields.extend(quote!(writable: true,));
    }
    if let Some(keep) = options.keep {
        let keep = match keep {
            Keep::Never => quote!(Never),
            Keep::OnFailure => quote!(OnFailure),
            Keep::Always => quote!(Always),
        };
        let keep = some(quote!(#tdata::__private::Keep::#keep));
        fields.extend(quote!(keep: #keep,));
    }
    fields
}

/// Returns what cargo calls the crate being compiled in a variable: as it is, which spares the compiler
/// an `env!` for each test. Another name would be another build.
fn of_crate(variable: &str) -> TokenStream {
    match std::env::var(variable) {
        Ok(value) => value.into_token_stream(),
        Err(_) => quote!(::core::env!(#variable)),
    }
}

fn volume(volume: Volume, options: &Options) -> TokenStream {
    let tdata = &options.tdata;
    match volume {
        Volume::Rows(rows) => quote!(#tdata::__private::Volume::Rows(#rows)),
        Volume::Full => quote!(#tdata::__private::Volume::Full),
    }
}

fn some(value: impl ToTokens) -> TokenStream {
    quote!(::core::option::Option::Some(#value))
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
                volumes: &[
                    ("users", my::tdata::__private::Volume::Rows(50u64)),
                    ("orders", my::tdata::__private::Volume::Full)
                ],
                scope: my::tdata::__private::Scope::TestClass,
                isolation: my::tdata::__private::Isolation::Schema,
                apply_masking: false,
                version: ::core::option::Option::Some("v1.2.0"),
                seed: ::core::option::Option::Some(7u64),
                as_of: ::core::option::Option::Some("2024-05-01"),
                writable: true,
                keep: ::core::option::Option::Some(my::tdata::__private::Keep::Always),
                ..my::tdata::__private::Declaration::DEFAULT
            }
        };
        assert_eq!(found.to_string(), expected.to_string());
    }

    #[test]
    fn what_is_left_out_is_not_written() {
        let mut mistakes = Mistakes::default();
        let options = Options::parse(quote!(datasets = ["users"], volume = full), &mut mistakes);
        let found = other_options(&options, Scope::TestCase).to_string();
        let every = quote! {
            every_volume: ::core::option::Option::Some(::tdata::__private::Volume::Full),
        };
        assert_eq!(found, every.to_string());
        let found = other_options(&options, Scope::TestModule).to_string();
        assert!(found.contains("Scope :: TestModule"), "{found}");
    }

    #[test]
    fn a_variable_that_is_not_set_is_the_compilers_to_tell() {
        let found = of_crate("TDATA_NEVER_SET").to_string();
        assert_eq!(found, quote!(::core::env!("TDATA_NEVER_SET")).to_string());
    }
}

//! Parameters that are datasets: which one, and whether its record is one of it.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{GenericArgument, Pat, PatType, Path, PathArguments, Type};

use super::check::Provisioned;
use crate::mistakes::{Mistakes, unknown, with_help};

/// Checks a parameter that is a dataset, as far as names tell. Returns what the compiler is to check
/// of its record.
pub(super) fn check(
    parameter: &PatType,
    provisioned: &Provisioned,
    tdata: &Path,
    mistakes: &mut Mistakes,
) -> TokenStream {
    let Some(rows) = rows_of(&parameter.ty) else { return TokenStream::new() };
    let Pat::Ident(pattern) = &*parameter.pat else { return TokenStream::new() };
    let written = pattern.ident.unraw().to_string();
    let (name, provides) = meant(&written, provisioned);
    match rows {
        Rows::Untyped => {
            if !provides {
                mistakes.at(&pattern.ident, not_provisioned(name, provisioned));
            }
            TokenStream::new()
        }
        Rows::Records(record) => {
            let descriptor =
                quote_spanned!(record.span()=> <#record as #tdata::Record>::DESCRIPTOR);
            // Which of the two names is meant shows only when the test runs, where the datasets are not known.
            let or = (name != written)
                .then(|| quote_spanned!(record.span()=> || #descriptor.may_be(#written)));
            let message = with_help(
                &format!(
                    "the parameter `{name}` takes rows of the dataset `{name}`, and this record is of another"
                ),
                "name the parameter after the record's dataset",
            );
            let mut checks = quote_spanned! {record.span()=>
                const _: () = ::core::assert!(#descriptor.may_be(#name) #or, #message);
            };
            if !provides {
                let message = not_provisioned(name, provisioned);
                checks.extend(quote_spanned! {pattern.ident.span()=>
                    const _: () = ::core::assert!(#descriptor.dataset().is_none(), #message);
                });
            }
            checks
        }
    }
}

/// Returns the dataset that a parameter is named after, and whether the test has it: that of its very name, else
/// that of its name without the underscores that say that it is not used.
fn meant<'a>(written: &'a str, provisioned: &Provisioned) -> (&'a str, bool) {
    let bare = written.trim_start_matches('_');
    let is_written = provisioned.provides(written) && !provisioned.is_unknown();
    match bare {
        "" => (written, provisioned.provides(written)),
        _ if is_written => (written, true),
        bare => (bare, provisioned.provides(bare)),
    }
}

fn not_provisioned(name: &str, provisioned: &Provisioned) -> String {
    unknown(format!("the test has no dataset `{name}`"), name, provisioned.names())
}

/// What a dataset has.
enum Rows<'a> {
    Untyped,
    Records(&'a Type),
}

/// Returns what a type named `Dataset` has; `None` for other types.
fn rows_of(ty: &Type) -> Option<Rows<'_>> {
    let last_of = |ty: &'_ Type| match ty {
        Type::Path(path) => path.path.segments.last().cloned(),
        _ => None,
    };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Dataset")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return Some(Rows::Untyped);
    };
    match arguments.args.first()? {
        GenericArgument::Type(rows) if last_of(rows).is_some_and(|last| last.ident == "Row") => {
            Some(Rows::Untyped)
        }
        GenericArgument::Type(record) => Some(Rows::Records(record)),
        _ => None,
    }
}

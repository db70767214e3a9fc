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
    let name = pattern.ident.unraw().to_string();
    let provides = provisioned.provides(&name);
    match rows {
        Rows::Untyped => {
            if !provides {
                mistakes.at(&pattern.ident, not_provisioned(&name, provisioned));
            }
            TokenStream::new()
        }
        Rows::Records(record) => {
            let descriptor =
                quote_spanned!(record.span()=> <#record as #tdata::Record>::DESCRIPTOR);
            let message = with_help(
                &format!(
                    "`{name}` are to be rows of the dataset `{name}`, and this record is of another"
                ),
                "name the parameter after the record's dataset",
            );
            let mut checks = quote_spanned! {record.span()=>
                const _: () = ::core::assert!(#descriptor.may_be(#name), #message);
            };
            if !provides {
                let message = not_provisioned(&name, provisioned);
                checks.extend(quote_spanned! {pattern.ident.span()=>
                    const _: () = ::core::assert!(#descriptor.dataset().is_none(), #message);
                });
            }
            checks
        }
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

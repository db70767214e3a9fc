//! The enum of a field's choices.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Path;
use tdata_core::spec::Field;
use tdata_core::sql::SqlKind;

use super::names::variants;
use crate::letter_case::snake_case;
use crate::record_item::RecordDataset;

/// Writes the enum of a field's choices; `None` where they cannot be variants.
pub(super) fn choices_enum(
    dataset: &RecordDataset,
    field: &Field,
    name: &Ident,
    tdata: &Path,
) -> Option<TokenStream> {
    let choices = dataset.choices(field)?;
    let idents = variants(&choices)?;
    let variants = choices.iter().zip(&idents).map(|(choice, ident)| {
        let doc = format!(" `{choice}`.");
        let rename =
            (snake_case(&ident.to_string()) != *choice).then(|| quote!(#[field(rename = #choice)]));
        quote!(#[doc = #doc] #rename #ident)
    });
    let written = format!("{}.{}", dataset.spec().name.value, field.name.value);
    let doc = format!(" The choices of `{written}`.");
    // A type that migrations make may have labels besides the choices, and rows that nobody generated have them.
    let is_open = dataset.sql_type(field).is_some_and(|one| one.kind() == SqlKind::Other)
        && idents.iter().all(|ident| ident != "Other");
    let other = is_open.then(|| {
        quote! {
            /// Another label of the column's type.
            #[field(other)]
            Other(::std::string::String),
        }
    });
    let copy = (!is_open).then(|| quote!(::core::marker::Copy,));
    Some(quote! {
        #[doc = #doc]
        #[::core::prelude::v1::derive(
            ::core::clone::Clone,
            #copy
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            #tdata::FieldType,
        )]
        #[field(choices = #written, crate = #tdata)]
        #[allow(dead_code)]
        pub enum #name {
            #(#variants,)*
            #other
        }
    })
}

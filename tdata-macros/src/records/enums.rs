//! The enum of a field's choices.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use tdata_core::spec::Field;

use super::names::variants;
use super::structs::Record;
use crate::field_type::snake_case;

/// Writes the enum of a field's choices; `None` where they cannot be variants.
pub(super) fn choices_enum(
    record: &Record<'_>,
    field: &Field,
    name: &Ident,
) -> Option<TokenStream> {
    let choices = record.dataset.choices(field)?;
    let idents = variants(&choices)?;
    let variants = choices.iter().zip(&idents).map(|(choice, ident)| {
        let doc = format!(" `{choice}`.");
        let rename =
            (snake_case(&ident.to_string()) != *choice).then(|| quote!(#[field(rename = #choice)]));
        quote!(#[doc = #doc] #rename #ident)
    });
    let tdata = &record.tdata;
    let (dataset, column) = (&record.dataset.spec().name.value, &field.name.value);
    let written = format!("{dataset}.{column}");
    let doc = format!(" The choices of `{written}`.");
    Some(quote! {
        #[doc = #doc]
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            #tdata::FieldType,
        )]
        #[field(choices = #written, crate = #tdata)]
        #[allow(dead_code)]
        pub enum #name {
            #(#variants),*
        }
    })
}

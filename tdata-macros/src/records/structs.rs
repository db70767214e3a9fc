//! The struct of a dataset's rows.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;
use syn::ext::IdentExt as _;
use tdata_core::spec::Field;
use tdata_core::sql::SqlKind;

use super::by_hand::ByHand;
use super::enums::choices_enum;
use super::names::{field_name, type_name};
use crate::record_item::RecordDataset;
use crate::rust_types::generated_type;

/// A record that is to be written.
pub(super) struct Record<'a> {
    pub(super) dataset: &'a RecordDataset,
    pub(super) ident: &'a Ident,
    pub(super) tdata: &'a Path,
    /// The names of all records, by dataset.
    pub(super) records: &'a [(String, Ident)],
    pub(super) factories: bool,
    /// The factories that are written by hand.
    pub(super) by_hand: &'a [ByHand],
}

/// Writes a record, with the enums of its choices. `types` are the names that types have.
pub(super) fn record(record: &Record<'_>, types: &mut BTreeSet<String>) -> TokenStream {
    let Record { dataset, ident, tdata, factories, .. } = record;
    let spec = dataset.spec();
    let (mut names, mut fields, mut enums) = (Vec::new(), Vec::new(), Vec::new());
    for field in &spec.fields {
        let name = field_name(&field.name, &names);
        let enumeration = enum_name(record, field, types);
        let choices = choices_enum(dataset, field, &enumeration, tdata);
        let ty = match &choices {
            Some(_) => quote!(#enumeration),
            None => generated_type(dataset.sql_type(field).as_ref(), tdata),
        };
        fields.push(written(record, field, &name, &ty));
        names.push(name);
        if choices.is_some() {
            types.insert(enumeration.to_string());
        }
        enums.extend(choices);
    }
    let dataset_name = &spec.name.value;
    let definition = dataset.definitions.library.definition(dataset_name);
    let doc = match definition.and_then(|definition| definition.description.as_ref()) {
        Some(description) => format!(" {}: a row of `{dataset_name}`.", sentence(description)),
        None => format!(" A row of `{dataset_name}`."),
    };
    let factory = factories.then(|| quote!(, #tdata::Factory));
    quote! {
        #[doc = #doc]
        #[::core::prelude::v1::derive(
            ::core::clone::Clone,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            #tdata::Record
            #factory
        )]
        #[record(dataset = #dataset_name, crate = #tdata)]
        #[allow(
            dead_code,
            clippy::pub_underscore_fields,
            clippy::struct_excessive_bools,
            clippy::struct_field_names
        )]
        pub struct #ident {
            #(#fields),*
        }
        #(#enums)*
    }
}

fn written(record: &Record<'_>, field: &Field, name: &Ident, ty: &TokenStream) -> TokenStream {
    let column = &field.name.value;
    let doc = doc(record.dataset, field);
    let more = field.description.iter().flat_map(|text| [String::new(), format!(" {text}")]);
    let rename = (name.unraw() != column).then(|| quote!(#[record(rename = #column)]));
    let association = association(record, field, ty);
    let association = association.map(|parent| quote!(#[factory(association = #parent)]));
    let ty = match record.dataset.is_nullable(field) {
        true => quote!(::core::option::Option<#ty>),
        false => ty.clone(),
    };
    quote! {
        #[doc = #doc]
        #(#[doc = #more])*
        #rename
        #association
        pub #name: #ty
    }
}

/// Says where the values of a column come from.
fn doc(dataset: &RecordDataset, field: &Field) -> String {
    let ty = dataset.sql_type(field).map_or_else(String::new, |ty| format!("`{ty}`"));
    let origin = match (dataset.reference(field), &field.generator) {
        (Some((relationship, parent)), _) => {
            let referenced = relationship.referenced(&field.name).map_or("", |name| &name.value);
            format!("references `{}.{referenced}`", parent.name.value)
        }
        (None, Some(generator)) => format!("made by `{}`", generator.value),
        (None, None) => return format!(" {ty}."),
    };
    let nullable = if dataset.is_nullable(field) { ", or null" } else { "" };
    format!(" {ty}, {origin}{nullable}.")
}

/// Returns a description as the start of a sentence.
fn sentence(description: &str) -> &str {
    description.trim().trim_end_matches('.')
}

fn kind(dataset: &RecordDataset, field: &Field) -> SqlKind {
    dataset.sql_type(field).map_or(SqlKind::Text, |sql_type| sql_type.kind())
}

/// Names the enum of a field's choices: `UserStatus`, unless another type has that name.
fn enum_name(record: &Record<'_>, field: &Field, types: &mut BTreeSet<String>) -> Ident {
    let mut name = format!("{}{}", record.ident.unraw(), type_name(&field.name));
    while types.contains(&name) {
        name.push_str("Choice");
    }
    Ident::new(&name, Span::call_site())
}

/// Returns the factory of the record that a foreign key of type `ty` needs, where it is one of these, or written by
/// hand.
fn association(record: &Record<'_>, field: &Field, ty: &TokenStream) -> Option<Path> {
    let dataset = record.dataset;
    if !record.factories || dataset.is_nullable(field) {
        return None;
    }
    // A record of its own for one field of a larger key would not go with the key's other fields.
    if dataset.larger_key(&field.name).is_some() {
        return None;
    }
    let (relationship, parent) = dataset.reference(field)?;
    let (_, referenced) = relationship.single()?;
    let key = parent.primary_key().filter(|key| key.name.value == referenced.value)?;
    // A record that needs one of its own type would need records without end.
    if parent.name.value == dataset.spec().name.value {
        return None;
    }
    let own = key.sql_type.as_ref().map(|sql_type| sql_type.value.kind());
    if own != Some(kind(dataset, field)) {
        return None;
    }
    let name = &parent.name.value;
    // Rows that are given are there already: a key leads to one of them, and a record that is made would be one more.
    // A factory that the options name is asked for.
    let is_given = parent.data_source.is_given();
    let mut records = record.records.iter().filter(|_| !is_given);
    if let Some((_, record)) = records.find(|(known, _)| known == name) {
        return Some(format_ident!("{record}Factory").into());
    }
    let (ty, own) = (syn::parse2(ty.clone()).ok()?, format!("{}Factory", record.ident.unraw()));
    let fits = |one: &&ByHand| {
        one.dataset == *name && one.takes(&ty, &own) && (!is_given || one.is_named())
    };
    record.by_hand.iter().find(fits).map(|one| one.factory.clone())
}

//! The struct of a dataset's rows.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Path;
use syn::ext::IdentExt as _;
use tdata_core::spec::Field;
use tdata_core::sql::SqlKind;

use super::enums::choices_enum;
use super::names::{field_name, type_name};
use crate::record_item::RecordDataset;
use crate::rust_types::generated;

/// A record that is to be written.
pub(super) struct Record<'a> {
    pub(super) dataset: &'a RecordDataset,
    pub(super) ident: &'a Ident,
    pub(super) tdata: &'a Path,
    /// The names of all records, by dataset.
    pub(super) records: &'a [(String, Ident)],
    pub(super) factories: bool,
}

/// Writes a record, with the enums of its choices.
pub(super) fn record(record: &Record<'_>) -> TokenStream {
    let Record { dataset, ident, tdata, factories, .. } = record;
    let spec = dataset.spec();
    let (mut names, mut fields, mut enums) = (Vec::new(), Vec::new(), Vec::new());
    for field in &spec.fields {
        let name = field_name(&field.name, &names);
        let enumeration = enum_name(record, field);
        let choices = choices_enum(dataset, field, &enumeration, tdata);
        let ty = match &choices {
            Some(_) => quote!(#enumeration),
            None => generated(kind(dataset, field), tdata),
        };
        fields.push(written(record, field, &name, &ty));
        names.push(name);
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
        #[derive(
            ::core::clone::Clone,
            ::core::fmt::Debug,
            ::core::cmp::PartialEq,
            #tdata::Record
            #factory
        )]
        #[record(dataset = #dataset_name, crate = #tdata)]
        #[allow(dead_code)]
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
    let association = association(record, field);
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

/// Names the enum of a field's choices: `UserStatus`, unless a record has that name.
fn enum_name(record: &Record<'_>, field: &Field) -> Ident {
    let name = format!("{}{}", record.ident.unraw(), type_name(&field.name));
    let taken = record.records.iter().any(|(_, known)| *known == name);
    let name = if taken { format!("{name}Choice") } else { name };
    Ident::new(&name, Span::call_site())
}

/// Returns the factory of the record that a foreign key needs, where it is one of these.
fn association(record: &Record<'_>, field: &Field) -> Option<Ident> {
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
    let (_, name) = record.records.iter().find(|(known, _)| *known == parent.name.value)?;
    Some(format_ident!("{name}Factory"))
}

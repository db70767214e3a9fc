//! From a struct to the code that makes a record of it.

use std::sync::Arc;

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::DeriveInput;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::sql::TableName;

use super::check::check;
use super::column_type::assertions;
use super::relationships::methods;
use crate::definitions::Definitions;
use crate::mistakes::Mistakes;
use crate::record_item::{RecordDataset, RecordItem, RecordSource};
use crate::rust_types::written;

/// Expands `#[derive(Record)]`.
///
/// Whatever is wrong, the struct is a record afterwards, so that one mistake makes one error.
pub(crate) fn record(
    input: TokenStream,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(mistake) => return mistake.into_compile_error(),
    };
    let mut mistakes = Mistakes::default();
    let Some(item) = RecordItem::read(&input, definitions, &mut mistakes) else {
        return mistakes.into_compile_errors();
    };
    check(&item, &mut mistakes);
    let record_impl = record_impl(&item);
    let keyed_impl = keyed_impl(&item);
    let methods = methods(&item, &mut mistakes);
    // What the definition does not say cannot be proved.
    let assertions = if mistakes.is_empty() { assertions(&item) } else { Vec::new() };
    let errors = mistakes.into_compile_errors();
    quote!(#errors #record_impl #keyed_impl #methods #(#assertions)*)
}

fn record_impl(item: &RecordItem) -> TokenStream {
    let (record, tdata) = (&item.ident, &item.tdata);
    let name = record.unraw().to_string();
    let source = source(item);
    let columns = item.columns().map(|field| {
        let (ty, name, text) = (&field.ty, field.column_name(), written(&field.ty));
        quote_spanned!(ty.span()=> column(#name, #text, <#ty as #tdata::FieldType>::HOLDS))
    });
    let read = item.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        match field.column {
            Some(_) => quote_spanned!(ty.span()=> #ident: row.read(<#ty as #tdata::FieldType>::from_value)?),
            None => quote_spanned!(ty.span()=> #ident: ::core::default::Default::default()),
        }
    });
    let write = item.columns().map(|field| {
        let (ident, ty) = (&field.ident, &field.ty);
        quote_spanned!(ty.span()=> <#ty as #tdata::FieldType>::fill_cell(&self.#ident, cells);)
    });
    quote! {
        #[automatically_derived]
        impl #tdata::Record for #record {
            const DESCRIPTOR: &'static #tdata::__private::record::Descriptor =
                &#tdata::__private::record::Descriptor {
                    record: #name,
                    source: #tdata::__private::record::Source::#source,
                    columns: {
                        use #tdata::__private::record::column;
                        &[#(#columns),*]
                    },
                };

            fn from_values(
                row: &mut #tdata::__private::record::Values<'_>,
            ) -> ::core::result::Result<Self, #tdata::RecordError> {
                ::core::result::Result::Ok(Self { #(#read),* })
            }

            fn fill_cells(&self, cells: &mut #tdata::__private::field::Cells<'_>) {
                #(#write)*
            }
        }
    }
}

/// Returns where the rows are: a variant of `Source`.
fn source(item: &RecordItem) -> TokenStream {
    match &item.source {
        RecordSource::Memory => quote!(Memory),
        RecordSource::Table(table) => quote!(Table(#table)),
        RecordSource::Dataset(dataset) => dataset_source(dataset),
    }
}

/// The texts of the definitions are those of the moment, whose files cargo so comes to know.
fn dataset_source(dataset: &RecordDataset) -> TokenStream {
    let spec = dataset.spec();
    let (name, table) = (&spec.name.value, unquoted(&spec.table.value));
    let project = &dataset.definitions;
    let definitions = dataset.closure.iter().filter_map(|spec| {
        let name = &spec.name.value;
        let file = project.library.path(name)?.to_string_lossy();
        Some(quote!((#name, ::core::include_str!(#file))))
    });
    let definitions = quote!(&[#(#definitions),*]);
    let definitions = match &project.settings_file {
        None => definitions,
        Some(file) => {
            let file = file.to_string_lossy();
            quote!({
                const _: &[::core::primitive::u8] = ::core::include_bytes!(#file);
                #definitions
            })
        }
    };
    quote!(Dataset { name: #name, table: #table, definitions: #definitions })
}

/// Writes a table as definitions do, `schema.table`.
fn unquoted(table: &TableName) -> String {
    match &table.schema {
        Some(schema) => format!("{schema}.{}", table.name),
        None => table.name.clone(),
    }
}

/// Implements `Keyed`, where there is a key that every row has.
fn keyed_impl(item: &RecordItem) -> TokenStream {
    let Some(key) = item.key().filter(|key| key.within_option().is_none()) else {
        return TokenStream::new();
    };
    let (record, tdata, field, ty) = (&item.ident, &item.tdata, &key.ident, &key.ty);
    quote! {
        #[automatically_derived]
        impl #tdata::Keyed for #record {
            type Key = #ty;

            fn key(&self) -> &#ty {
                &self.#field
            }
        }
    }
}

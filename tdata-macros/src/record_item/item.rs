//! The struct itself.

use std::sync::Arc;

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::{Attribute, Data, DeriveInput, Fields, LitBool, LitStr, Path, Visibility, parse_quote};
use tdata_core::diagnostic::Diagnostics;
use tdata_core::sql::TableName;

use super::field::RecordField;
use super::source::{RecordDataset, RecordSource};
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, message_of, unknown, with_help};

/// A struct that is a record.
pub(crate) struct RecordItem {
    /// The struct's name.
    pub(crate) ident: Ident,
    /// Who sees it.
    pub(crate) visibility: Visibility,
    /// Where the crate `tdata` is found.
    pub(crate) tdata: Path,
    /// Where its rows are.
    pub(crate) source: RecordSource,
    /// Whether the struct may lack fields of its definition.
    pub(crate) partial: bool,
    /// Its fields, in their order.
    pub(crate) fields: Vec<RecordField>,
    /// Its attributes.
    pub(crate) attributes: Vec<Attribute>,
}

const OPTIONS: &[&str] = &["dataset", "table", "partial", "crate"];

/// What `#[record(..)]` on a struct says.
#[derive(Default)]
struct Written {
    dataset: Option<LitStr>,
    table: Option<LitStr>,
    partial: bool,
    tdata: Option<Path>,
}

impl RecordItem {
    /// Reads a struct, its `#[record(..)]` and those of its fields; all that is wrong goes to
    /// `mistakes`. `None` when it is no struct with named fields.
    pub(crate) fn read(
        input: &DeriveInput,
        definitions: Result<Arc<Definitions>, Diagnostics>,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let fields = match &input.data {
            Data::Struct(item) => match &item.fields {
                Fields::Named(named) => &named.named,
                _ => {
                    mistakes.at(&input.ident, "a record has named fields, one for each column");
                    return None;
                }
            },
            _ => {
                let message = "a record is a struct with a field for each column";
                let help = "an enum of a field's choices derives `FieldType`";
                mistakes.at(&input.ident, with_help(message, help));
                return None;
            }
        };
        if !input.generics.params.is_empty() {
            mistakes
                .at(&input.generics, "a record has no parameters: its columns have fixed types");
            return None;
        }
        let written = Written::read(&input.attrs, mistakes);
        Some(Self {
            ident: input.ident.clone(),
            visibility: input.vis.clone(),
            source: written.source(definitions, mistakes),
            partial: written.partial,
            tdata: written.tdata.unwrap_or_else(|| parse_quote!(::tdata)),
            fields: fields.iter().filter_map(|field| RecordField::read(field, mistakes)).collect(),
            attributes: input.attrs.clone(),
        })
    }

    /// Returns the fields that have columns, in their order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &RecordField> {
        self.fields.iter().filter(|field| field.column.is_some())
    }

    /// Returns the field of the primary key: the one marked, else that of the definition's key, else
    /// `id`.
    pub(crate) fn key(&self) -> Option<&RecordField> {
        let marked = |field: &&RecordField| field.column.as_ref().is_some_and(|column| column.key);
        let by_name = match &self.source {
            RecordSource::Dataset(dataset) => {
                dataset.spec().primary_key().map(|field| field.name.value.clone())
            }
            _ => Some("id".to_owned()),
        };
        let named = |field: &&RecordField| {
            field.column.as_ref().map(|column| &column.name) == by_name.as_ref()
        };
        self.columns().find(marked).or_else(|| self.columns().find(named))
    }
}

impl Written {
    fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Self {
        let mut written = Self::default();
        for attribute in attributes.iter().filter(|one| one.path().is_ident("record")) {
            let read = attribute.parse_nested_meta(|meta| {
                let option = meta.path.get_ident().map(Ident::to_string).unwrap_or_default();
                match option.as_str() {
                    "dataset" => written.dataset = Some(meta.value()?.parse()?),
                    "table" => written.table = Some(meta.value()?.parse()?),
                    "partial" if meta.input.peek(syn::Token![=]) => {
                        written.partial = meta.value()?.parse::<LitBool>()?.value;
                    }
                    "partial" => written.partial = true,
                    "crate" => written.tdata = Some(meta.value()?.call(Path::parse_mod_style)?),
                    _ => {
                        let option = meta.path.to_token_stream().to_string();
                        let message = format!("there is no option `{option}` of a record");
                        return Err(meta.error(unknown(message, &option, OPTIONS.iter().copied())));
                    }
                }
                Ok(())
            });
            if let Err(mistake) = read {
                mistakes.push(mistake);
            }
        }
        written
    }

    fn source(
        &self,
        definitions: Result<Arc<Definitions>, Diagnostics>,
        mistakes: &mut Mistakes,
    ) -> RecordSource {
        match (&self.dataset, &self.table) {
            (Some(_), Some(table)) => {
                let message = "the dataset's definition says which table it is in";
                mistakes.at(table, with_help(message, "drop `table`"));
                RecordSource::Memory
            }
            (Some(dataset), None) => match find(dataset, definitions) {
                Ok(dataset) => RecordSource::Dataset(dataset),
                Err(diagnostics) => {
                    for diagnostic in &diagnostics {
                        mistakes.at(dataset, message_of(diagnostic));
                    }
                    RecordSource::Memory
                }
            },
            (None, Some(table)) => {
                if TableName::parse(&table.value()).is_none() {
                    let help = "write `table` or `schema.table`, 63 bytes each at most";
                    let message = format!("`{}` cannot name a table", table.value());
                    mistakes.at(table, with_help(&message, help));
                }
                RecordSource::Table(table.clone())
            }
            (None, None) => RecordSource::Memory,
        }
    }
}

fn find(
    name: &LitStr,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> Result<RecordDataset, Diagnostics> {
    RecordDataset::find(name, definitions?)
}

//! From the names of datasets to the code of their records.

use std::collections::BTreeSet;
use std::sync::Arc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::LitStr;
use syn::ext::IdentExt as _;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};

use super::by_hand::by_hand;
use super::names::record_name;
use super::options::{Named, Options};
use super::structs::{Record, record};
use crate::definitions::Definitions;
use crate::mistakes::{Mistakes, message_of, with_help};
use crate::record_item::RecordDataset;

/// Expands `records!`.
pub(crate) fn records(
    input: TokenStream,
    definitions: Result<Arc<Definitions>, Diagnostics>,
) -> TokenStream {
    let mut mistakes = Mistakes::default();
    let mut options = Options::parse(input.clone(), &mut mistakes);
    let definitions = match definitions {
        Ok(definitions) => definitions,
        Err(diagnostics) => {
            diagnostics.iter().for_each(|one| mistakes.at_call_site(message_of(one)));
            return mistakes.into_compile_errors();
        }
    };
    // What was told could not be read is not taken for all datasets.
    let is_all = options.datasets.is_empty() && mistakes.is_empty();
    if is_all {
        options.datasets = all(&definitions, &mut mistakes);
    }
    let mut datasets = found(&options, &definitions, &mut mistakes);
    datasets.retain(|(named, dataset)| {
        let without_fields = dataset.without_fields();
        // Of a dataset that nobody names, nobody may want a record.
        if let Some(message) = without_fields.as_ref().filter(|_| !is_all) {
            mistakes.at(&named.dataset, message);
        }
        without_fields.is_none()
    });
    let names = names(&datasets, options.factories, &mut mistakes);
    let by_hand = by_hand(&options, &input, &definitions, &mut mistakes);
    let tdata = options.tdata();
    let mut types = types(&names, options.factories);
    let records = datasets.iter().filter_map(|(_, dataset)| {
        let name = &dataset.spec().name.value;
        let (_, ident) = names.iter().find(|(known, _)| known == name)?;
        let factories = options.factories;
        let (tdata, records, by_hand) = (&tdata, &*names, &*by_hand);
        let written = Record { dataset, ident, tdata, records, factories, by_hand };
        Some(record(&written, &mut types))
    });
    let records: TokenStream = records.collect();
    let errors = mistakes.into_compile_errors();
    quote!(#errors #records)
}

/// Names the types that records bring: themselves, and their factories.
fn types(records: &[(String, Ident)], factories: bool) -> BTreeSet<String> {
    let endings: &[&str] = if factories { &["", "Factory", "FactoryBuilder"] } else { &[""] };
    let mut types = BTreeSet::new();
    for (_, record) in records {
        types.extend(endings.iter().map(|ending| format!("{}{ending}", record.unraw())));
    }
    types
}

/// Names all datasets of the project.
fn all(definitions: &Definitions, mistakes: &mut Mistakes) -> Vec<Named> {
    let span = Span::call_site();
    let named = |name: &str| Named { dataset: LitStr::new(name, span), record: None };
    let all: Vec<Named> = definitions.library.names().map(named).collect();
    if all.is_empty() {
        let help = "write one definition per dataset, such as `data_definitions/users.yaml`";
        mistakes.at_call_site(with_help("the project has no definitions", help));
    }
    all
}

/// Finds the datasets; what they have wrong in common is told once.
fn found<'a>(
    options: &'a Options,
    definitions: &Arc<Definitions>,
    mistakes: &mut Mistakes,
) -> Vec<(&'a Named, RecordDataset)> {
    let mut already = BTreeSet::new();
    let mut found = Vec::new();
    for named in &options.datasets {
        match RecordDataset::find(&named.dataset, Arc::clone(definitions)) {
            Ok(dataset) => found.push((named, dataset)),
            Err(diagnostics) => {
                let texts = diagnostics.iter().map(|one: &Diagnostic| message_of(one));
                for text in texts.filter(|text| already.insert(text.clone())) {
                    mistakes.at(&named.dataset, text);
                }
            }
        }
    }
    found
}

/// Names the record of each dataset, no two alike.
fn names(
    datasets: &[(&Named, RecordDataset)],
    factories: bool,
    mistakes: &mut Mistakes,
) -> Vec<(String, Ident)> {
    let mut names: Vec<(String, Ident)> = Vec::new();
    for (named, dataset) in datasets {
        let name = dataset.spec().name.value.clone();
        let ident = named
            .record
            .clone()
            .unwrap_or_else(|| Ident::new(&record_name(&name), named.dataset.span()));
        if let Some((other, _)) = names.iter().find(|(_, known)| *known == ident) {
            let message = format!("`{name}` and `{other}` would both have the record `{ident}`");
            let help = format!("name one otherwise: `{name} = ..`");
            mistakes.at(&named.dataset, with_help(&message, &help));
            continue;
        }
        names.push((name, ident));
    }
    let is_factory = |record: &Ident| {
        let name = record.unraw().to_string();
        let of = name.strip_suffix("Builder").unwrap_or(&name).strip_suffix("Factory");
        of.is_some_and(|of| names.iter().any(|(_, known)| known.unraw() == of))
    };
    let (clashing, names): (Vec<_>, Vec<_>) =
        names.iter().cloned().partition(|(_, record)| factories && is_factory(record));
    for (name, record) in clashing {
        let message =
            format!("`{name}` would have the record `{record}`, which is the name of a factory");
        let help = format!("name it otherwise: `{name} = ..`");
        mistakes.push(syn::Error::new(record.span(), with_help(&message, &help)));
    }
    names
}

#[cfg(test)]
mod tests {
    use tdata_core::diagnostic::Source;

    use super::*;

    /// `tags` have fields, and the rows of `statuses` are those of migrations, of which it says no more.
    fn expanded(input: TokenStream) -> String {
        let mut definitions = Definitions { migrates: true, ..Definitions::default() };
        definitions.library.set_beside_migrations(true);
        let fields = "fields: [{ name: id, type: integer, generator: sequence }]";
        for (name, rest) in [("tags", fields), ("statuses", "source: existing")] {
            let text = format!(
                "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
                 table: {name}\n  {rest}\n"
            );
            definitions.library.insert(Source::new(format!("{name}.yaml"), text), name, None);
        }
        records(input, Ok(Arc::new(definitions))).to_string()
    }

    #[test]
    fn no_record_is_made_of_a_dataset_without_fields() {
        let named = expanded(quote!(tags, statuses));
        assert!(named.contains("statuses.yaml names no fields"), "{named}");
        assert!(named.contains("- { name: id, type: integer }"), "{named}");
        assert!(
            named.contains("pub struct Tag") && !named.contains("pub struct Status"),
            "{named}"
        );
        let all = expanded(quote!());
        assert!(all.contains("pub struct Tag") && !all.contains("struct Status"), "{all}");
        assert!(!all.contains("compile_error"), "{all}");
    }
}

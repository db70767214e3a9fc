//! From the names of datasets to the code of their records.

use std::collections::BTreeSet;
use std::sync::Arc;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::LitStr;
use tdata_core::diagnostic::{Diagnostic, Diagnostics};

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
    let mut options = Options::parse(input, &mut mistakes);
    let definitions = match definitions {
        Ok(definitions) => definitions,
        Err(diagnostics) => {
            diagnostics.iter().for_each(|one| mistakes.at_call_site(message_of(one)));
            return mistakes.into_compile_errors();
        }
    };
    // What was told could not be read is not taken for all datasets.
    if options.datasets.is_empty() && mistakes.is_empty() {
        options.datasets = all(&definitions, &mut mistakes);
    }
    let datasets = found(&options, &definitions, &mut mistakes);
    let names = names(&datasets, &mut mistakes);
    let tdata = options.tdata();
    let records = datasets.iter().filter_map(|(_, dataset)| {
        let name = &dataset.spec().name.value;
        let (_, ident) = names.iter().find(|(known, _)| known == name)?;
        let factories = options.factories;
        Some(record(&Record { dataset, ident, tdata: &tdata, records: &names, factories }))
    });
    let records: TokenStream = records.collect();
    let errors = mistakes.into_compile_errors();
    quote!(#errors #records)
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
fn names(datasets: &[(&Named, RecordDataset)], mistakes: &mut Mistakes) -> Vec<(String, Ident)> {
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
    names
}

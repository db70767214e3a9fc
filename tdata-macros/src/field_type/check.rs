//! Checks the variants of an enum against the choices of a field.

use std::path::PathBuf;
use std::sync::Arc;

use proc_macro2::Ident;
use syn::LitStr;
use tdata_core::diagnostic::{Diagnostics, nearest, or_list};
use tdata_core::spec::{DatasetSpec, Field};

use super::choices_enum::Choice;
use crate::definitions::Definitions;
use crate::letter_case::pascal_case;
use crate::mistakes::{Mistakes, message_of, unknown, with_help};
use crate::record_item::{choices, is_masked};

/// Checks that an enum has a variant for every choice of the field that `written` names, and no
/// other; all that is wrong goes to `mistakes`.
///
/// Returns the files that the outcome depends on.
pub(super) fn check(
    name: &Ident,
    variants: &[Choice],
    written: &LitStr,
    definitions: Result<Arc<Definitions>, Diagnostics>,
    mistakes: &mut Mistakes,
) -> Vec<PathBuf> {
    let definitions = match definitions {
        Ok(definitions) => definitions,
        Err(diagnostics) => {
            diagnostics.iter().for_each(|one| mistakes.at(written, message_of(one)));
            return Vec::new();
        }
    };
    let Some(spec) = dataset(written, &definitions, mistakes) else { return Vec::new() };
    if let Some(choices) = choices_of(written, spec, mistakes) {
        compare(name, variants, &written.value(), &choices, mistakes);
    }
    definitions.files([spec])
}

/// Splits `users.status`.
fn parts(written: &LitStr) -> Option<(String, String)> {
    let text = written.value();
    let (dataset, field) = text.rsplit_once('.')?;
    Some((dataset.to_owned(), field.to_owned()))
}

fn dataset<'a>(
    written: &LitStr,
    definitions: &'a Definitions,
    mistakes: &mut Mistakes,
) -> Option<&'a Arc<DatasetSpec>> {
    let Some((dataset, _)) = parts(written) else {
        let message = format!("`{}` names no field of a dataset", written.value());
        mistakes.at(written, with_help(&message, "write `dataset.field`, as `users.status`"));
        return None;
    };
    match definitions.library.get(&dataset) {
        Some(Ok(spec)) => Some(spec),
        Some(Err(diagnostics)) => {
            diagnostics.iter().for_each(|one| mistakes.at(written, message_of(one)));
            None
        }
        None => {
            let message = format!("there is no dataset `{dataset}`");
            mistakes.at(written, unknown(message, &dataset, definitions.library.names()));
            None
        }
    }
}

fn choices_of(
    written: &LitStr,
    spec: &DatasetSpec,
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    let (dataset, name) = parts(written)?;
    let chosen = |field: &&Field| choices(spec, field).is_some();
    let Some(field) = spec.field(&name) else {
        let message = format!("`{dataset}` has no field `{name}`");
        let names = spec.fields.iter().map(|field| field.name.value.as_str());
        mistakes.at(written, unknown(message, &name, names));
        return None;
    };
    if let Some(choices) = choices(spec, field) {
        return Some(choices);
    }
    let message = match &field.generator {
        Some(generator) if generator.value == "choice" && is_masked(spec, field) => {
            format!("`{name}` is masked in `{dataset}`, and its values are others than its choices")
        }
        Some(generator) => {
            format!("`{name}` has no choices in `{dataset}`: it is made by `{}`", generator.value)
        }
        None => format!("`{name}` has no choices in `{dataset}`: it is a foreign key"),
    };
    let others = spec.fields.iter().filter(chosen);
    let others: Vec<&str> = others.map(|field| field.name.value.as_str()).collect();
    let help = match others.as_slice() {
        [] => format!("no field of `{dataset}` has choices: drop `choices`"),
        others => format!("of `{dataset}` use {}", or_list(others.iter().copied())),
    };
    mistakes.at(written, with_help(&message, &help));
    None
}

fn compare(
    name: &Ident,
    variants: &[Choice],
    field: &str,
    choices: &[String],
    mistakes: &mut Mistakes,
) {
    let mut missing: Vec<&str> = choices.iter().map(String::as_str).collect();
    missing.retain(|choice| variants.iter().all(|variant| variant.text != *choice));
    for variant in variants.iter().filter(|one| !choices.contains(&one.text)) {
        let message = format!(
            "`{}` stands for `{}`, which is no choice of `{field}`",
            variant.ident, variant.text
        );
        // Choices that have a variant are not meant.
        let meant = nearest(&variant.text, missing.iter().copied());
        match meant {
            Some(meant) => {
                let ident = pascal_case(meant);
                let help = if variant.ident == ident {
                    format!("write `#[field(rename = \"{meant}\")]` above, or see to `rename_all`")
                } else {
                    format!("did you mean `{ident}`, for `{meant}`?")
                };
                mistakes.at(&variant.ident, with_help(&message, &help));
                missing.retain(|choice| *choice != meant);
            }
            None => {
                let help =
                    format!("the choices are {}", or_list(choices.iter().map(String::as_str)));
                mistakes.at(&variant.ident, with_help(&message, &help));
            }
        }
    }
    if !missing.is_empty() {
        let verb = if missing.len() == 1 { "is a choice" } else { "are choices" };
        let texts = or_list(missing.iter().copied()).replace(" or ", " and ");
        let message = format!("{texts} {verb} of `{field}`, and `{name}` has no variant for it");
        let message =
            if missing.len() == 1 { message } else { message.replace(" for it", " for them") };
        let names: Vec<String> = missing.iter().map(|choice| pascal_case(choice)).collect();
        let help =
            format!("add {}", or_list(names.iter().map(String::as_str)).replace(" or ", " and "));
        mistakes.at(name, with_help(&message, &help));
    }
}

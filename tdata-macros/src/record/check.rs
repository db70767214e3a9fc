//! Checks the columns of a record against its definition.

use std::collections::HashSet;

use tdata_core::spec::Field;

use crate::letter_case::snake_case;
use crate::mistakes::{Mistakes, unknown, with_help};
use crate::record_item::{RecordDataset, RecordField, RecordItem};
use crate::rust_types::{generated_type, written};

/// Checks a record's columns; all that is wrong goes to `mistakes`.
pub(super) fn check(item: &RecordItem, mistakes: &mut Mistakes) {
    check_names(item, mistakes);
    check_keys(item, mistakes);
    if let Some(dataset) = item.source.dataset() {
        if let Some(message) = dataset.without_fields() {
            mistakes.at(&dataset.name, message);
            return;
        }
        check_known(item, dataset, mistakes);
        check_missing(item, dataset, mistakes);
    }
}

fn check_names(item: &RecordItem, mistakes: &mut Mistakes) {
    let mut seen = HashSet::new();
    for column in item.columns().filter_map(|field| field.column.as_ref()) {
        if !seen.insert(&column.name) {
            let message = format!("the column `{}` is named twice", column.name);
            mistakes.push(syn::Error::new(column.span, message));
        }
    }
}

fn check_keys(item: &RecordItem, mistakes: &mut Mistakes) {
    let is_key = |field: &&RecordField| field.column.as_ref().is_some_and(|column| column.key);
    let mut keys = item.columns().filter(is_key);
    let Some(first) = keys.next() else { return };
    for other in keys {
        let message =
            format!("`{}` cannot be the key as well: `{}` is it", other.ident, first.ident);
        let help = "a record has one key, by which rows are found; drop `key` from one";
        mistakes.at(&other.ident, with_help(&message, help));
    }
}

fn check_known(item: &RecordItem, dataset: &RecordDataset, mistakes: &mut Mistakes) {
    let spec = dataset.spec();
    let named = |name: &str| item.columns().any(|field| field.column_name() == Some(name));
    for column in item.columns().filter_map(|field| field.column.as_ref()) {
        if spec.field(&column.name).is_none() {
            let message = format!("{} has no field `{}`", dataset.file_name(), column.name);
            // Those that the struct has already are not meant.
            let rest = spec.fields.iter().map(|field| field.name.value.as_str());
            let rest: Vec<&str> = rest.filter(|name| !named(name)).collect();
            let message = match rest.as_slice() {
                [] => with_help(&message, "drop it, or leave it out with `#[record(skip)]`"),
                rest => unknown(message, &column.name, rest.iter().copied()),
            };
            mistakes.push(syn::Error::new(column.span, message));
        }
    }
}

fn check_missing(item: &RecordItem, dataset: &RecordDataset, mistakes: &mut Mistakes) {
    if item.partial {
        return;
    }
    let spec = dataset.spec();
    let unknown: Vec<&str> = item
        .columns()
        .filter_map(RecordField::column_name)
        .filter(|name| spec.field(name).is_none())
        .collect();
    let named = |field: &Field| {
        item.columns().any(|one| one.column_name() == Some(field.name.value.as_str()))
    };
    // One that is misspelt was told there.
    let meant = |field: &Field| {
        let name = field.name.value.as_str();
        unknown.iter().any(|written| tdata_core::diagnostic::nearest(written, [name]).is_some())
    };
    let missing: Vec<&Field> = spec
        .fields
        .iter()
        .filter(|field| !dataset.is_nullable(field) && !named(field) && !meant(field))
        .collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<String> =
        missing.iter().map(|field| format!("`{}`", field.name.value)).collect();
    let message = format!(
        "`{}` lacks {} of {}, which cannot be null",
        item.ident,
        and_list(&names),
        dataset.file_name()
    );
    let lines: Vec<String> = missing.iter().map(|field| line(dataset, field)).collect();
    let help = format!(
        "add:\n{}\nor, for a record that is only read: `#[record(partial)]`",
        lines.join("\n")
    );
    mistakes.at(&item.ident, with_help(&message, &help));
}

/// Writes the line that adds a field to a struct.
fn line(dataset: &RecordDataset, field: &Field) -> String {
    let name = &field.name.value;
    let sql_type = dataset.sql_type(field);
    let tdata = syn::parse_quote!(tdata);
    let ty = sql_type.and_then(|one| syn::parse2(generated_type(Some(&one), &tdata)).ok());
    let ty = ty.map_or_else(|| "_".to_owned(), |ty| written(&ty));
    let ty = ty.replace("tdata::__private::types::", "");
    let ty = ty.replace("::std::string::", "").replace("::std::vec::", "");
    let ty = ty.trim_start_matches("::");
    match syn::parse_str::<syn::Ident>(name) {
        Ok(_) => format!("    {name}: {ty},"),
        Err(_) if syn::parse_str::<syn::Ident>(&format!("r#{name}")).is_ok() => {
            format!("    r#{name}: {ty},")
        }
        Err(_) => format!("    #[record(rename = {name:?})]\n    {}: {ty},", snake_case(name)),
    }
}

fn and_list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;
    use crate::definitions::Definitions;

    fn mistakes(item: TokenStream) -> Vec<String> {
        let mut mistakes = Mistakes::default();
        let input = syn::parse2(item).unwrap();
        let item = RecordItem::read(&input, Definitions::of_this_package(), &mut mistakes).unwrap();
        check(&item, &mut mistakes);
        mistakes.messages()
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn nullable_fields_may_be_missing() {
        let missing = mistakes(quote! {
            #[record(dataset = "payments")]
            struct Payment { id: i64, amount: f64, paid_at: Instant, card_number: String }
        });
        assert_eq!(
            missing,
            [
                "`Payment` lacks `order_id`, `cardholder` and `cvv` of payments.yaml, which cannot be \
              null\nhelp: add:\n    order_id: i32,\n    cardholder: String,\n    cvv: String,\n\
              or, for a record that is only read: `#[record(partial)]`"
            ]
        );
        let partial = mistakes(quote! {
            #[record(dataset = "payments", partial)]
            struct Payment { id: i64 }
        });
        assert_eq!(partial, NONE);
    }

    #[test]
    fn a_misspelt_field_is_one_mistake() {
        let found = mistakes(quote! {
            #[record(dataset = "payments")]
            struct Payment {
                id: i64, order_id: i32, cardholder: String, card_number: String, cvv: String,
                amuont: f64, paid_at: Instant
            }
        });
        assert_eq!(found, ["payments.yaml has no field `amuont`\nhelp: did you mean `amount`?"]);
    }

    #[test]
    fn columns_and_keys_are_told_apart() {
        let found = mistakes(quote! {
            struct Point {
                #[record(key)]
                x: i32,
                #[record(rename = "x", key)]
                y: i32,
                #[record(skip, rename = "z")]
                z: i32,
            }
        });
        assert_eq!(
            found,
            [
                "a skipped field has no column, which this option is about\nhelp: drop it, or `skip`",
                "the column `x` is named twice",
                "`y` cannot be the key as well: `x` is it\n\
                 help: a record has one key, by which rows are found; drop `key` from one",
            ]
        );
    }
}

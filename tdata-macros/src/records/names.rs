//! Names of Rust, made of those of definitions.

use proc_macro2::{Ident, Span};

use crate::identifier::identifier;
use crate::letter_case::{pascal_case, snake_case};

/// Names the record of a dataset: `OrderItem` for `order_items`.
pub(super) fn record_name(dataset: &str) -> String {
    let (before, last) = match dataset.rfind(|c: char| !c.is_alphanumeric()) {
        Some(at) => dataset.split_at(at + 1),
        None => ("", dataset),
    };
    type_name(&format!("{before}{}", singular(last)))
}

/// Names a type: in Pascal case, and of letters and digits only.
pub(super) fn type_name(text: &str) -> String {
    let name = pascal_case(text);
    match name.chars().next() {
        Some(first) if first.is_alphabetic() && name != "Self" => name,
        _ => format!("Row{name}"),
    }
}

/// Returns the singular of an English noun, as far as a few rules know it.
fn singular(noun: &str) -> String {
    const OWN: &[(&str, &str)] = &[
        ("people", "person"),
        ("children", "child"),
        ("series", "series"),
        ("species", "species"),
        ("news", "news"),
        ("data", "data"),
    ];
    if let Some((_, singular)) = OWN.iter().find(|(plural, _)| *plural == noun) {
        return (*singular).to_owned();
    }
    if let Some(stem) = noun.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    if ["sses", "xes", "ches", "shes"].iter().any(|ending| noun.ends_with(ending)) {
        return noun[..noun.len() - 2].to_owned();
    }
    // `statuses`, but not `houses`.
    let behind_a_consonant =
        |stem: &&str| stem.chars().last().is_some_and(|last| !"aeiou".contains(last));
    if let Some(stem) = noun.strip_suffix("uses").filter(behind_a_consonant) {
        return format!("{stem}us");
    }
    if ["ss", "us", "is"].iter().any(|ending| noun.ends_with(ending)) {
        return noun.to_owned();
    }
    noun.strip_suffix('s').filter(|stem| !stem.is_empty()).unwrap_or(noun).to_owned()
}

/// Names the field of a column. Where that is not the column's own name, the field is to be renamed.
pub(super) fn field_name(column: &str, taken: &[Ident]) -> Ident {
    let mut name = snake_case(column);
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    loop {
        let ident = identifier(&name, Span::call_site());
        if let Some(ident) = ident.filter(|ident| !taken.contains(ident)) {
            return ident;
        }
        name.push('_');
    }
}

/// Names the variants of choices; `None` where some of them are no names, or not told apart.
pub(super) fn variants(choices: &[String]) -> Option<Vec<Ident>> {
    let mut names: Vec<Ident> = Vec::new();
    for choice in choices {
        let is_name = choice.starts_with(|c: char| c.is_ascii_alphabetic())
            && choice.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ' '));
        let name = pascal_case(choice);
        let ident = syn::parse_str::<Ident>(&name).ok().filter(|_| is_name)?;
        if names.contains(&ident) {
            return None;
        }
        names.push(ident);
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_named_in_the_singular() {
        for (dataset, record) in [
            ("users", "User"),
            ("order_items", "OrderItem"),
            ("companies", "Company"),
            ("addresses", "Address"),
            ("boxes", "Box"),
            ("batches", "Batch"),
            ("statuses", "Status"),
            ("warehouses", "Warehouse"),
            ("order_status", "OrderStatus"),
            ("analysis", "Analysis"),
            ("people", "Person"),
            ("staff", "Staff"),
            ("purchases", "Purchase"),
            ("2fa-tokens", "Row2faToken"),
        ] {
            assert_eq!(record_name(dataset), record);
        }
    }

    #[test]
    fn fields_are_identifiers() {
        for (column, field) in [
            ("email", "email"),
            ("type", "r#type"),
            ("self", "self_"),
            ("createdAt", "created_at"),
            ("unit-price", "unit_price"),
            ("2nd", "_2nd"),
        ] {
            assert_eq!(field_name(column, &[]).to_string(), field);
        }
        let taken = [field_name("created_at", &[])];
        assert_eq!(field_name("createdAt", &taken).to_string(), "created_at_");
    }

    #[test]
    fn choices_that_are_names_have_variants() {
        let names = |choices: &[&str]| {
            let choices: Vec<String> = choices.iter().map(|&one| one.to_owned()).collect();
            Some(variants(&choices)?.iter().map(Ident::to_string).collect::<Vec<_>>())
        };
        assert_eq!(names(&["on hold", "PAID"]).unwrap(), ["OnHold", "Paid"]);
        assert_eq!(names(&["paid", "Paid"]), None);
        assert_eq!(names(&["a", "self"]), None);
        assert_eq!(names(&["1-5", "6-9"]), None);
        assert_eq!(names(&["€"]), None);
    }
}

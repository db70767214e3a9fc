//! What the compiler proves of the types of a record's columns.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned as _;
use tdata_core::diagnostic::or_list;
use tdata_core::spec::Field;
use tdata_core::sql::SqlKind;

use crate::mistakes::with_help;
use crate::record_item::{RecordDataset, RecordField, RecordItem};
use crate::rust_types::{fitting, variant, written};

/// Returns the assertions about all columns that the definition has.
pub(super) fn assertions(item: &RecordItem) -> Vec<TokenStream> {
    let Some(dataset) = item.source.dataset() else { return Vec::new() };
    let field_of =
        |field: &RecordField| field.column_name().and_then(|name| dataset.spec().field(name));
    item.columns()
        .filter_map(|field| Some(assertion(item, dataset, field, field_of(field)?)))
        .collect()
}

/// Returns what is asserted about one column, in an item of its own; the first that does not hold is
/// told.
fn assertion(
    item: &RecordItem,
    dataset: &RecordDataset,
    field: &RecordField,
    definition: &Field,
) -> TokenStream {
    let (ty, tdata) = (&field.ty, &item.tdata);
    let name = &definition.name.value;
    let file = dataset.file_name();
    let nullable = dataset.is_nullable(definition);
    let text = written(ty);
    let mut checks = Vec::new();
    // Whatever a name in the code stands for, the messages stand at the type. It is resolved where
    // it is written.
    let span = ty.span().resolved_at(proc_macro2::Span::call_site());
    let inner = field.within_option().unwrap_or(ty);
    let sql_type = dataset.sql_type(definition);
    if let Some(sql_type) = sql_type.filter(|sql_type| !plainly_holds(inner, sql_type.kind())) {
        let kind = sql_type.kind();
        let message =
            format!("`{name}` is `{sql_type}` in {file}, which cannot be read as `{text}`");
        let inside = if nullable { ", in an `Option`" } else { "" };
        let help = format!("use {}{inside}", fitting(kind));
        let message = literal(&with_help(&message, &help));
        let variant = variant(kind);
        checks.push(quote_spanned!(span=>
            ::core::assert!(<#ty as #tdata::FieldType>::HOLDS.contains(#tdata::__private::SqlKind::#variant), #message)
        ));
    }
    if nullable && field.within_option().is_none() {
        let message = format!("`{name}` can be null in {file}, which `{text}` cannot hold");
        let message = literal(&with_help(&message, &format!("use `Option<{text}>`")));
        checks.push(quote_spanned!(span=>
            ::core::assert!(<#ty as #tdata::FieldType>::NULLABLE, #message)
        ));
    }
    let choices = dataset.choices(definition);
    if let Some(choices) = choices.filter(|_| !is_plainly(inner, "String")) {
        let enumeration = written(inner);
        let message =
            format!("the variants of `{enumeration}` are not the choices of `{name}` in {file}");
        let has = or_list(choices.iter().map(String::as_str));
        let dataset = &dataset.spec().name.value;
        let help = format!(
            "the choices are {has}; `#[field(choices = \"{dataset}.{name}\")]` on the enum tells \
             which variant differs"
        );
        let message = literal(&with_help(&message, &help));
        checks.push(quote_spanned!(span=>
            ::core::assert!(#tdata::__private::field::same_choices(<#ty as #tdata::FieldType>::CHOICES, &[#(#choices),*]), #message)
        ));
    }
    match checks.as_slice() {
        [] => TokenStream::new(),
        [only] => quote_spanned!(span=> const _: () = #only;),
        several => quote_spanned!(span=> const _: () = { #(#several;)* };),
    }
}

/// Tells whether a type's name leaves no doubt that it holds a kind: then nothing needs to be proved.
fn plainly_holds(ty: &Type, kind: SqlKind) -> bool {
    let holding: &[&str] = match kind {
        SqlKind::SmallInt => &["i16", "i32", "i64", "f64"],
        SqlKind::Integer => &["i32", "i64", "f64"],
        SqlKind::BigInt => &["i64"],
        SqlKind::Real => &["f32", "f64"],
        SqlKind::Double => &["f64"],
        SqlKind::Boolean => &["bool"],
        SqlKind::Text => &["String"],
        _ => &[],
    };
    holding.iter().any(|name| is_plainly(ty, name))
}

fn is_plainly(ty: &Type, name: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

/// Returns a text as `assert!` takes it: what stands in braces is no argument.
pub(super) fn literal(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

#[cfg(test)]
mod tests {
    use quote::format_ident;
    use syn::parse_quote;
    use tdata::__private::SqlKind as Kind;
    use tdata::FieldType;

    use super::*;

    #[test]
    fn what_is_not_proved_is_true() {
        for (kind, same) in [
            (SqlKind::SmallInt, Kind::SmallInt),
            (SqlKind::Integer, Kind::Integer),
            (SqlKind::BigInt, Kind::BigInt),
            (SqlKind::Real, Kind::Real),
            (SqlKind::Double, Kind::Double),
            (SqlKind::Whole9, Kind::Whole9),
            (SqlKind::Boolean, Kind::Boolean),
            (SqlKind::Text, Kind::Text),
            (SqlKind::Date, Kind::Date),
        ] {
            for (name, holds) in [
                ("i16", i16::HOLDS),
                ("i32", i32::HOLDS),
                ("i64", i64::HOLDS),
                ("f32", f32::HOLDS),
                ("f64", f64::HOLDS),
                ("bool", bool::HOLDS),
                ("String", String::HOLDS),
            ] {
                let ty = format_ident!("{name}");
                let plainly = plainly_holds(&parse_quote!(#ty), kind);
                assert!(!plainly || holds.contains(same), "{name} and {kind:?}");
            }
        }
    }
}

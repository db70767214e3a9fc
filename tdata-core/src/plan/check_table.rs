//! What a definition and its table must agree on, proved before the first row.

use super::catalog::CatalogTable;
use crate::definition::{Definition, Field, SqlType};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, nearest};

/// Proves that a definition's fields and its table's columns go together.
pub(super) fn columns(
    definition: &Definition,
    table: &CatalogTable,
    diagnostics: &mut Diagnostics,
) {
    for field in &definition.fields {
        let name = &field.name.value;
        let span = field.name.span;
        match table.column(name) {
            None => {
                let message = format!("the table {} has no column `{name}`", table.name);
                let columns = table.columns.iter().map(|column| column.name.as_str());
                diagnostics.push(
                    definition
                        .diagnostic("plan::unknown_column", message, span)
                        .did_you_mean(name, columns),
                );
            }
            Some(column) if column.generated => {
                let message = format!("the database computes `{name}` itself");
                diagnostics.push(
                    definition
                        .diagnostic("plan::generated_column", message, span)
                        .help("drop the field from the definition"),
                );
            }
            Some(_) if field.is_nullable() && table.primary_key.contains(name) => {
                diagnostics.push(not_null(definition, field, "is in the primary key"));
            }
            Some(column) if field.is_nullable() && !column.nullable => {
                let reason = format!("is NOT NULL in the table {}", table.name);
                diagnostics.push(not_null(definition, field, &reason));
            }
            Some(_) => {}
        }
    }
    let missing: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| !column.nullable && !column.has_default && !column.generated)
        .filter(|column| definition.field(&column.name).is_none())
        .map(|column| column.name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "the table {} demands values for {}, and the definition has no such field",
            table.name,
            missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        );
        diagnostics.push(
            definition
                .diagnostic("plan::missing_field", message, definition.table.span)
                .help("add the fields to the definition, or defaults to the columns"),
        );
    }
}

/// Proves that a table's own foreign keys are met: by relationships, not by chance.
pub(super) fn foreign_keys(
    definition: &Definition,
    table: &CatalogTable,
    diagnostics: &mut Diagnostics,
) {
    for key in &table.foreign_keys {
        // Columns that the definition leaves out are null or have their defaults.
        let fields: Vec<&Field> =
            key.columns.iter().filter_map(|column| definition.field(column)).collect();
        let always_null = |field: &&Field| {
            field.generator.as_ref().is_some_and(|generator| generator.value == "null")
        };
        let [first, ..] = fields.as_slice() else { continue };
        if fields.len() < key.columns.len() || fields.iter().any(always_null) {
            continue;
        }
        let met = |field: &&Field| {
            let mut relationships = definition.relationships.iter();
            relationships.any(|relationship| relationship.foreign_key.value == field.name.value)
        };
        let columns = key.columns.join(", ");
        let target = format!("{} ({})", key.references, key.referenced_columns.join(", "));
        let diagnostic =
            |message: String| definition.diagnostic("plan::foreign_key", message, first.name.span);
        if key.columns.len() > 1 {
            let message = format!(
                "the table {} has the foreign key ({columns}) to {target}; keys of several columns \
                 cannot be generated",
                table.name
            );
            let help =
                format!("leave `{}` out, or let the generator `null` make it", first.name.value);
            diagnostics.push(diagnostic(message).help(help));
        } else if !met(first) {
            let message = format!(
                "`{columns}` references {target} in the table {}, and the definition does not say so",
                table.name
            );
            let help = format!(
                "add under `relationships`: {{ foreignKey: {columns}, references: {}.{} }}",
                key.references.name,
                key.referenced_columns.join(", ")
            );
            diagnostics.push(diagnostic(message).help(help));
        }
    }
}

/// Proves that the types of a table that is made from its definition exist.
pub(super) fn types(definition: &Definition, types: &[String], diagnostics: &mut Diagnostics) {
    for field in &definition.fields {
        let Some(written) = &field.sql_type else { continue };
        let Some(bare) = written.value.catalog_name() else { continue };
        if written.value.is_builtin() || types.contains(&bare) {
            continue;
        }
        let message = format!("there is no type `{bare}`");
        let near = nearest(&bare, types.iter().map(String::as_str));
        let diagnostic = definition.diagnostic("plan::unknown_type", message, written.span);
        diagnostics.push(match near.or_else(|| nearest(&bare, SqlType::names())) {
            Some(name) => diagnostic.help(format!("did you mean `{name}`?")),
            None => diagnostic.help("let a migration make it, or use one of PostgreSQL's own"),
        });
    }
}

/// Proves that the short form `NOT NULL (a, b)` names columns there are.
pub(super) fn constraints(
    definition: &Definition,
    table: Option<&CatalogTable>,
    diagnostics: &mut Diagnostics,
) {
    let fields = definition.fields.iter().map(|field| field.name.value.as_str());
    let columns = table.iter().flat_map(|table| &table.columns).map(|column| &*column.name);
    let known: Vec<&str> = if table.is_some() { columns.collect() } else { fields.collect() };
    for constraint in &definition.validation {
        let Span { start, end } = constraint.text.span;
        let written = definition.source.text().get(start..end).unwrap_or_default();
        let columns = constraint.not_null_columns().unwrap_or_default();
        for column in columns.into_iter().filter(|column| !known.contains(column)) {
            let message = format!("the constraint names `{column}`, and there is no such column");
            let span = match written.find(column) {
                Some(at) => Span { start: start + at, end: start + at + column.len() },
                None => constraint.text.span,
            };
            diagnostics.push(
                definition
                    .diagnostic("plan::unknown_column", message, span)
                    .did_you_mean(column, known.iter().copied()),
            );
        }
    }
}

/// The message for nulls where there must be none.
pub(super) fn not_null(definition: &Definition, field: &Field, reason: &str) -> Diagnostic {
    let message = format!("`{}` {reason}, and cannot be null", field.name.value);
    let help = match field.null_probability > 0.0 {
        true => "drop `null_probability`",
        false => "choose another generator",
    };
    definition.diagnostic("plan::not_null", message, field.name.span).help(help)
}

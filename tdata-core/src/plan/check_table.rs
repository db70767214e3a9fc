//! What a definition and its table must agree on, proved before the first row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::catalog::{Catalog, CatalogForeignKey, CatalogTable, CatalogType, same_names};
use super::existing;
use crate::diagnostic::{Diagnostic, Diagnostics, Located, nearest};
use crate::spec::{DatasetSpec, Field, Relationship};
use crate::sql::{Escape, SqlType, TableName, TypeName, within_parentheses};

/// Proves that a definition's fields and its table's columns go together.
pub(super) fn columns(spec: &DatasetSpec, table: &CatalogTable, diagnostics: &mut Diagnostics) {
    for field in &spec.fields {
        let name = &field.name.value;
        let origin = &field.name.origin;
        match table.column(name) {
            None => {
                let message = format!("the table {} has no column `{name}`", table.name);
                let columns = table.columns.iter().map(|column| column.name.as_str());
                diagnostics.push(
                    Diagnostic::new("plan::unknown_column", message)
                        .at(origin)
                        .did_you_mean(name, columns),
                );
            }
            Some(column) if column.generated => {
                let message = format!("the database computes `{name}` itself");
                diagnostics.push(
                    Diagnostic::new("plan::generated_column", message)
                        .at(origin)
                        .help("drop the field from the definition"),
                );
            }
            Some(_) if field.is_nullable() && table.primary_key.contains(name) => {
                diagnostics.push(not_null(field, "is in the primary key"));
            }
            Some(column) if field.is_nullable() && !column.nullable => {
                let reason = format!("is NOT NULL in the table {}", table.name);
                diagnostics.push(not_null(field, &reason));
            }
            Some(_) => {}
        }
    }
    let missing: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| !column.nullable && !column.has_default && !column.generated)
        .filter(|column| spec.field(&column.name).is_none())
        .map(|column| column.name.as_str())
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "the table {} demands values for {}, and the definition has no such field",
            table.name,
            list(&missing)
        );
        let diagnostic = Diagnostic::new("plan::missing_field", message).at(&spec.table.origin);
        diagnostics.push(diagnostic.help(to_add(&missing, table)));
    }
}

/// Says what gives columns their values that have none: relationships those of foreign keys, fields the others.
fn to_add(missing: &[&str], table: &CatalogTable) -> String {
    let is_missing = |column: &String| missing.contains(&column.as_str());
    let keys: Vec<&CatalogForeignKey> =
        table.foreign_keys.iter().filter(|key| key.columns.iter().any(is_missing)).collect();
    let is_in_key = |name: &&str| keys.iter().any(|key| key.columns.iter().any(|one| one == name));
    let others: Vec<&str> = missing.iter().copied().filter(|name| !is_in_key(name)).collect();
    let lines: Vec<String> =
        keys.iter().map(|key| format!("\n    - {}", relationship(key))).collect();
    match (lines.concat(), &others[..]) {
        (lines, []) => format!("add under `relationships`:{lines}"),
        (lines, _) if lines.is_empty() => {
            "add the fields to the definition, or defaults to the columns".to_owned()
        }
        (lines, _) => format!(
            "add {} under `fields`, or defaults to the columns; and add under `relationships`:{lines}",
            list(&others)
        ),
    }
}

/// Writes the relationship that a table's foreign key is.
fn relationship(key: &CatalogForeignKey) -> String {
    let (own, referenced) = (key.columns.join(", "), key.referenced_columns.join(", "));
    let dataset = &key.references.name;
    match key.columns.len() {
        1 => format!("{{ foreignKey: {own}, references: {dataset}.{referenced} }}"),
        _ => format!("{{ foreignKey: [{own}], references: {{ {dataset}: [{referenced}] }} }}"),
    }
}

/// Lists names.
fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Proves that a table's own foreign keys are met: by relationships, not by chance.
pub(super) fn foreign_keys(
    spec: &DatasetSpec,
    table: &CatalogTable,
    catalog: &Catalog,
    diagnostics: &mut Diagnostics,
) {
    for key in &table.foreign_keys {
        // Columns that the definition leaves out are null or have their defaults.
        let fields: Vec<&Field> =
            key.columns.iter().filter_map(|column| spec.field(column)).collect();
        let always_null = |field: &&Field| {
            field.generator.as_ref().is_some_and(|generator| generator.value == "null")
        };
        let [first, ..] = fields.as_slice() else { continue };
        if fields.len() < key.columns.len() || fields.iter().any(always_null) {
            continue;
        }
        let met = spec.relationships.iter().any(|relationship| {
            let references = |(own, referenced): (&String, &String)| {
                relationship
                    .referenced(own)
                    .is_some_and(|name| key.columns.len() == 1 || name.value == *referenced)
            };
            relationship.foreign_key.len() == key.columns.len()
                && key.columns.iter().zip(&key.referenced_columns).all(references)
        });
        let columns = key.columns.join(", ");
        let target = format!("{} ({})", key.references, key.referenced_columns.join(", "));
        let diagnostic =
            |message: String| Diagnostic::new("plan::foreign_key", message).at(&first.name.origin);
        let several = key.columns.len() > 1;
        if !met && let Some(unknown) = existing::unknown_keys(first, key, catalog) {
            for (text, origin) in unknown {
                let name = &first.name.value;
                let message = format!(
                    "`{name}` can be `{text}`, and no row that is in the table {} has that `{}`",
                    key.references, key.referenced_columns[0]
                );
                let diagnostic = Diagnostic::new("plan::foreign_key", message).at(origin);
                let help = format!(
                    "drop it; or drop the generator, and add under `relationships`:\n    - {}",
                    relationship(key)
                );
                diagnostics.push(diagnostic.help(help));
            }
        } else if !met {
            let columns = if several { format!("({columns})") } else { columns };
            let message = format!(
                "`{columns}` references {target} in the table {}, and the definition does not say so",
                table.name
            );
            let help = format!("add under `relationships`:\n    - {}", relationship(key));
            diagnostics.push(diagnostic(message).help(help));
        } else if key.match_full && several {
            // `MATCH FULL` refuses a row in which only some of the columns are null.
            let null = |field: &&&Field| field.is_nullable();
            let always = fields.iter().find(|field| !field.is_nullable());
            if let Some((null, always)) = fields.iter().find(null).zip(always) {
                let message = format!(
                    "`{}` can be null and `{}` cannot, and the key ({columns}) of the table {} is MATCH FULL",
                    null.name.value, always.name.value, table.name
                );
                let help = "let all fields of the key be null, or none";
                diagnostics.push(diagnostic(message).help(help));
            }
        }
    }
}

/// Proves that relationships lead to the tables that the table's own foreign keys reference.
pub(super) fn targets(
    relationships: &[(&Relationship, &DatasetSpec)],
    table: &CatalogTable,
    catalog: &Catalog,
    diagnostics: &mut Diagnostics,
) {
    for (relationship, parent) in relationships {
        let columns: Vec<&str> =
            relationship.foreign_key.iter().map(|name| name.value.as_str()).collect();
        let mut keys =
            table.foreign_keys.iter().filter(|key| same_names(&key.columns, &columns)).peekable();
        let full = catalog.full_name(&parent.table);
        let is_met = |key: &CatalogForeignKey| catalog.full_name(&key.references) == full;
        let Some(key) = keys.peek().copied().filter(|_| !keys.any(is_met)) else { continue };
        let message = format!(
            "`{}` references {} in the table {}, and the rows of `{}` are in {}",
            relationship.key_text(),
            key.references,
            table.name,
            parent.name.value,
            *parent.table
        );
        let diagnostic = Diagnostic::new("plan::foreign_key", message);
        let help = "reference the dataset of that table";
        diagnostics.push(diagnostic.at(&relationship.dataset.origin).help(help));
    }
}

/// Proves that no two datasets have one table: neither would find its own rows only.
pub(super) fn apart(specs: &[Arc<DatasetSpec>], catalog: &Catalog, diagnostics: &mut Diagnostics) {
    let mut known: HashMap<TableName, &str> = HashMap::new();
    for spec in specs {
        let Some(other) = known.insert(catalog.full_name(&spec.table), &spec.name) else {
            continue;
        };
        let message = format!("the table {} is that of the dataset `{other}`", *spec.table);
        let diagnostic = Diagnostic::new("plan::table", message).at(&spec.table.origin);
        diagnostics.push(diagnostic.help("give each dataset a table of its own"));
    }
}

/// Proves that a table which is to be made is no partition: its rows would be those of another table.
pub(super) fn partition(spec: &DatasetSpec, catalog: &Catalog, diagnostics: &mut Diagnostics) {
    if let Some(table) = catalog.partitioned(&spec.table) {
        let message = format!("{} is a partition of the table {table}", *spec.table);
        diagnostics.push(Diagnostic::new("plan::partition", message).at(&spec.table.origin).help(
            "name that table in the definition: the database puts each row where it belongs",
        ));
    }
}

/// Proves that nothing else has the name of a table that is to be made, and that no table is meant that has another name.
pub(super) fn name(spec: &DatasetSpec, catalog: &Catalog, diagnostics: &mut Diagnostics) {
    let table = &*spec.table;
    let (message, help) = if let Some(other) = catalog.other(table) {
        let help = match other.kind.as_str() {
            "view" | "materialized view" => "name the table whose rows it shows",
            _ => "name a table that migrations make, or a new one",
        };
        let kind = &other.kind;
        let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!("`{}` is {article} {kind}, and no table", table.written());
        (message, help.to_owned())
    } else if let Some(alike) = catalog.alike(table) {
        let (table, alike) = (table.written(), alike.written());
        let message = format!("there is no table `{table}`, but there is `{alike}`");
        (message, format!("did you mean that? Write `table: {alike}`"))
    } else {
        return;
    };
    diagnostics.push(Diagnostic::new("plan::table", message).at(&spec.table.origin).help(help));
}

/// Proves that the types which a definition names exist. Those of a table that is there already are the columns' own; but
/// a name that is neither a type's nor the column's is a slip all the same.
pub(super) fn types(
    spec: &DatasetSpec,
    table: Option<&CatalogTable>,
    catalog: &Catalog,
    diagnostics: &mut Diagnostics,
) {
    for field in &spec.fields {
        let Some(written) = &field.sql_type else { continue };
        let Some(name) = written.unresolved().filter(|name| catalog.find_type(name).is_none())
        else {
            continue;
        };
        let column = table.and_then(|table| table.column(&field.name));
        let column = column.map(|column| column.sql_type.to_string());
        if column.as_ref().is_some_and(|column| *column == written.to_string()) {
            continue;
        }
        diagnostics.push_with(|| unknown_type(written, name, column, catalog));
    }
}

fn unknown_type(
    written: &Located<SqlType>,
    name: &TypeName,
    column: Option<String>,
    catalog: &Catalog,
) -> Diagnostic {
    let bare = match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    };
    let message = format!("there is no type `{bare}`");
    let diagnostic = Diagnostic::new("plan::unknown_type", message).at(&written.origin);
    if let Some(column) = column {
        return diagnostic.help(format!("the table's column is `{column}`: write that"));
    }
    let namesake = catalog.types.iter().find(|known| known.name == name.name);
    let known: Vec<String> = catalog.types.iter().map(CatalogType::shown).collect();
    let near = nearest(&bare, known.iter().map(String::as_str));
    let meant = namesake.map(CatalogType::shown).or(near.map(str::to_owned));
    let meant = meant.or_else(|| nearest(&bare, SqlType::names()).map(str::to_owned));
    diagnostic.help(match meant {
        Some(name) => format!("did you mean `{name}`? If not, let a migration make `{bare}`"),
        None => "let a migration make it, or use one of PostgreSQL's own".to_owned(),
    })
}

/// Proves that constraints judge what is written: each is one condition, and the short form `NOT NULL (a, b)` names
/// columns there are.
pub(super) fn constraints(
    spec: &DatasetSpec,
    table: Option<&CatalogTable>,
    diagnostics: &mut Diagnostics,
) {
    let fields = spec.fields.iter().map(|field| field.name.value.as_str());
    let columns = table.iter().flat_map(|table| &table.columns).map(|column| &*column.name);
    let known: Vec<&str> = if table.is_some() { columns.collect() } else { fields.collect() };
    let there: HashSet<&str> = known.iter().copied().collect();
    for constraint in &spec.constraints {
        let Some(columns) = constraint.not_null_columns() else {
            condition(&constraint.text, diagnostics);
            continue;
        };
        for column in columns.into_iter().filter(|column| !there.contains(column)) {
            diagnostics.push_with(|| {
                let message =
                    format!("the constraint names `{column}`, and there is no such column");
                Diagnostic::new("plan::unknown_column", message)
                    .at(&constraint.text.origin.narrowed_to(column))
                    .did_you_mean(column, known.iter().copied())
            });
        }
    }
}

/// Proves that a condition stays within the parentheses that it is put into.
fn condition(text: &Located<String>, diagnostics: &mut Diagnostics) {
    if let Err(Escape { at, reason }) = within_parentheses(text) {
        let rest = text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let message = format!("the condition {reason}");
        diagnostics.push(
            Diagnostic::new("plan::constraint", message)
                .at(&text.origin.narrowed_to(rest))
                .help("write one condition over one row, as CHECK takes it"),
        );
    }
}

/// The message for nulls where there must be none.
pub(super) fn not_null(field: &Field, reason: &str) -> Diagnostic {
    let message = format!("`{}` {reason}, and cannot be null", field.name.value);
    let help = match field.null_probability > 0.0 {
        true => "drop `null_probability`",
        false => "choose another generator",
    };
    Diagnostic::new("plan::not_null", message).at(&field.name.origin).help(help)
}

//! Says why rows cannot be placed, and what to do.

use super::placed::Placed;
use super::term::written;
use crate::diagnostic::{Diagnostic, Origin};
use crate::plan::{DatasetPlan, FieldPlan, ForeignKey};
use crate::sql::SqlType;

const EVERY: &str = "`on_every_shard: true`";

/// Two keys lead to rows that may be on different shards.
pub(super) fn apart(dataset: &DatasetPlan, keys: [&ForeignKey; 2]) -> Diagnostic {
    let [one, other] = keys;
    let message = format!(
        "the rows of `{}` belong to rows of `{}` by `{}` and to rows of `{}` by `{}`, which may be on different shards",
        dataset.name,
        one.dataset,
        text(one),
        other.dataset,
        text(other)
    );
    let help = format!(
        "write {EVERY} into the spec of `{}` or of `{}`, and each shard has all of its rows; or place both by a `shard_key` \
         that rows of `{}` have, too",
        one.dataset, other.dataset, dataset.name
    );
    mistake(message, origin(dataset, other)).help(help)
}

/// A key leads to rows that are placed by something else than the dataset's own shard key.
pub(super) fn elsewhere(
    dataset: &DatasetPlan,
    key: &ForeignKey,
    placed: &Placed,
    columns: Option<Vec<&str>>,
) -> Diagnostic {
    let by = match placed {
        Placed::ByKey(fields) => text_of(fields),
        Placed::WithParent { fields, .. } => text_of(fields),
        Placed::OnEvery => String::new(),
    };
    let message = format!(
        "the rows of `{}` are placed by `{by}`, and those of `{}` that they reference by `{}` may be on other shards",
        dataset.name,
        key.dataset,
        text(key)
    );
    let every = format!("write {EVERY} into the spec of `{}`", key.dataset);
    let help = match columns {
        Some(columns) => format!("write `shard_key: {}`; or {every}", written(columns)),
        None if dataset.spec.shard_key.is_empty() => every,
        None => format!("drop `shard_key`, and they go with the rows they reference; or {every}"),
    };
    let at = dataset.spec.shard_key.first().map(|name| &name.origin);
    mistake(message, at.unwrap_or_else(|| origin(dataset, key))).help(help)
}

/// A key leads to other rows of the dataset.
pub(super) fn itself(dataset: &DatasetPlan, key: &ForeignKey) -> Diagnostic {
    let message = format!(
        "the rows of `{}` reference others of its rows by `{}`, which may be on other shards",
        dataset.name,
        text(key)
    );
    let help = match &key.fields[..] {
        [field] => format!(
            "write {EVERY}; or let the key have a field more that both rows share, as in [tenant_id, {field}], and write that \
             as `shard_key`"
        ),
        _ => format!("write {EVERY}; or, as `shard_key`, a field of the key that both rows share"),
    };
    mistake(message, origin(dataset, key)).help(help)
}

/// Each shard is to have rows that reference some which it may not have.
pub(super) fn on_every(dataset: &DatasetPlan, key: &ForeignKey) -> Diagnostic {
    let message = format!(
        "each shard is to have all rows of `{}`, and they reference rows of `{}` by `{}`, of which each shard has a part",
        dataset.name,
        key.dataset,
        text(key)
    );
    let help = format!("write {EVERY} into the spec of `{}`, too", key.dataset);
    mistake(message, origin(dataset, key)).help(help)
}

/// Rows follow others, and which these are is not computed.
pub(super) fn unknown_rows(dataset: &DatasetPlan, key: &ForeignKey) -> Diagnostic {
    let message = format!(
        "the rows of `{}` are to be where the rows of `{}` are that `{}` references, and which these are is not computed",
        dataset.name,
        key.dataset,
        text(key)
    );
    let help = format!(
        "place the rows of `{}` by a `shard_key` that is part of what `{}` references; or write {EVERY} into its spec",
        key.dataset,
        text(key)
    );
    mistake(message, origin(dataset, key)).help(help)
}

/// Rows without a parent have nothing to go by.
pub(super) fn orphans(dataset: &DatasetPlan, key: &ForeignKey) -> Diagnostic {
    let message = format!(
        "rows of `{}` in which `{}` is null go by the primary key, and there is none that can be hashed",
        dataset.name,
        text(key)
    );
    let help =
        format!("write `shard_key: {}`: rows in which it is null are on one shard then", text(key));
    mistake(message, origin(dataset, key)).help(help)
}

pub(super) fn no_key(dataset: &DatasetPlan) -> Diagnostic {
    let message = format!("nothing says on which shard a row of `{}` is", dataset.name);
    let help = format!("it has no primary key: write `shard_key: field`, or {EVERY}");
    mistake(message, &dataset.spec.name.origin).help(help)
}

/// Some rows are on each shard already, and others come behind them.
pub(super) fn there_already(dataset: &DatasetPlan) -> Diagnostic {
    let message = format!(
        "rows of `{}` are there already, and those behind them cannot be on one shard only",
        dataset.name
    );
    mistake(message, &dataset.spec.name.origin).help(format!("write {EVERY}"))
}

pub(super) fn unknown_column(dataset: &DatasetPlan, name: &str) -> Diagnostic {
    let message =
        format!("`{}` is placed by its column `{name}`, which is none of its fields", dataset.name);
    let help = "add it to the fields, or write a `shard_key`";
    mistake(message, column(dataset, name)).help(help)
}

pub(super) fn type_without_hash(dataset: &DatasetPlan, field: &FieldPlan) -> Diagnostic {
    let message = format!(
        "the shard of a row of `{}` cannot depend on `{}`, which is {}",
        dataset.name, field.name, field.sql_type
    );
    let why = match field.sql_type.base() {
        SqlType::Enum(_) => "PostgreSQL hashes an enum otherwise in each database",
        _ => {
            "tdata knows the hashes of numbers, texts, truth values, dates, points in time, UUIDs and IP addresses"
        }
    };
    mistake(message, column(dataset, &field.name)).help(format!("{why}: write another `shard_key`"))
}

pub(super) fn other_kind(dataset: &DatasetPlan, field: &FieldPlan) -> Diagnostic {
    let message = format!(
        "the shard of a row of `{}` cannot depend on `{}`: its values, in a column of the type {}, are of another kind than \
         those that decide",
        dataset.name, field.name, field.sql_type
    );
    let help = "give it the type of what it references, or write another `shard_key`";
    mistake(message, column(dataset, &field.name)).help(help)
}

fn mistake(message: String, origin: &Origin) -> Diagnostic {
    Diagnostic::new("placement::shards", message).at(origin)
}

fn text(key: &ForeignKey) -> String {
    text_of(&key.fields)
}

fn text_of(fields: &[String]) -> String {
    written(fields.iter().map(String::as_str))
}

/// Returns where a key stands.
fn origin<'a>(dataset: &'a DatasetPlan, key: &ForeignKey) -> &'a Origin {
    let relationships = dataset.spec.relationships.iter();
    let mut keys = relationships.map(|relationship| &relationship.foreign_key);
    let found = keys.find(|names| names.iter().map(|name| &name.value).eq(&key.fields));
    found.and_then(|names| names.first()).map_or(&dataset.spec.name.origin, |name| &name.origin)
}

/// Returns where a column is named as shard key, or stands.
fn column<'a>(dataset: &'a DatasetPlan, name: &str) -> &'a Origin {
    let spec = &dataset.spec;
    let key = spec.shard_key.iter().find(|one| one.value == name);
    let key = key.or_else(|| spec.field(name).map(|field| &field.name));
    key.map_or(&spec.name.origin, |name| &name.origin)
}

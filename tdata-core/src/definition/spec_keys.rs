//! What stands under `spec`: the dataset, and what only the document knows.

use super::database::Database;
use super::keys::Keys;
use super::refresh::Refresh;
use crate::diagnostic::{Located, Origin};
use crate::spec::{
    Constraint, DataSource, DatasetSpec, Field, MaskingRule, Node, NodeKind, Relationship,
};
use crate::sql::TableName;

/// What stands under `spec`.
pub(super) struct SpecKeys {
    pub(super) dataset: DatasetSpec,
    pub(super) database: Option<Database>,
    pub(super) refresh: Option<Refresh>,
}

#[derive(Clone, Copy)]
enum VolumeDistribution {
    Uniform,
}

impl SpecKeys {
    /// Reads the keys for the dataset of that name.
    pub(super) fn read(node: &Node, name: Located<String>, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "`spec`", keys.diagnostics())?;
        let data_source = keys.optional_word("source", DataSource::WORDS);
        let database = keys.optional("database");
        let database = database.and_then(|node| Database::read(&node, &mut keys));
        let table = read_table(&mut keys).unwrap_or_else(|| nowhere(node.origin.clone()));
        let mut dataset = DatasetSpec::new(name, table);
        if let Some(word) = data_source {
            dataset.data_source = word.value;
        }
        let volume = keys.optional("volume");
        if let Some(rows) = volume.and_then(|node| read_volume(&node, &mut keys)) {
            dataset.rows = rows;
        }
        let fields = keys.required("fields");
        let empty =
            |node: &&Node| matches!(&node.kind, NodeKind::Sequence(items) if items.is_empty());
        let empty = fields.as_ref().filter(empty).map(|node| node.origin.clone());
        let fields = keys.list("fields", fields);
        dataset.fields = fields.iter().filter_map(|node| Field::read(node, &mut keys)).collect();
        let key = keys.optional("primary_key");
        dataset.key = keys.names("primary_key", key).unwrap_or_default();
        let unique = keys.optional_list("unique");
        let groups = unique.into_iter().filter_map(|node| keys.names("unique", Some(node)));
        dataset.unique = groups.collect();
        let relationships = keys.optional_list("relationships");
        dataset.relationships =
            relationships.iter().filter_map(|node| Relationship::read(node, &mut keys)).collect();
        let masking_rules = keys.optional_list("masking_rules");
        dataset.masking_rules =
            masking_rules.iter().filter_map(|node| MaskingRule::read(node, &mut keys)).collect();
        let validation = keys.optional_list("validation");
        dataset.constraints =
            validation.iter().filter_map(|node| Constraint::read(node, &mut keys)).collect();
        let refresh = keys.optional("refresh");
        let refresh = refresh.and_then(|node| Refresh::read(&node, &mut keys));
        dataset.complete(keys.diagnostics());
        if let Some(origin) = empty.filter(|_| dataset.fields.is_empty()) {
            keys.invalid(&origin, "a dataset needs a field", "add `- { name: id, ... }`");
        }
        keys.finish();
        Some(Self { dataset, database, refresh })
    }
}

fn read_table(keys: &mut Keys<'_>) -> Option<Located<TableName>> {
    let text = keys.required_text("table")?;
    let table = TableName::parse(&text);
    if table.is_none() {
        let message = format!("`{}` cannot name a table", text.value);
        keys.invalid(
            &text.origin,
            message,
            "write `table` or `schema.table`, 63 bytes each at most",
        );
    }
    let table = table?;
    if let Some(name) = table.system_name() {
        let message = format!("`{name}` is a name that PostgreSQL and tdata keep for their own");
        let help = "give the table another name, or another schema";
        keys.invalid(&text.origin, message, help);
    }
    Some(Located::new(table, text.origin))
}

/// Stands in for a table whose name is missing or wrong, which was told.
fn nowhere(origin: Origin) -> Located<TableName> {
    Located::new(TableName { schema: None, name: String::new() }, origin)
}

fn read_volume(node: &Node, keys: &mut Keys<'_>) -> Option<u64> {
    let mut keys = Keys::open(node, "`volume`", keys.diagnostics())?;
    let count = keys.optional_parsed("count", "a number of rows");
    keys.optional_word("distribution", &[("uniform", VolumeDistribution::Uniform)]);
    keys.finish();
    count.map(|count| count.value)
}

//! What stands under `spec`: the dataset, and what only the document knows.

use super::database::Database;
use super::keys::Keys;
use super::refresh::Refresh;
use crate::diagnostic::{Located, Origin};
use crate::spec::{
    Constraint, DataSource, DatasetSpec, Field, MaskingRule, Node, NodeKind, Relationship,
    WrittenRow,
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
        let rows = read_rows(data_source.as_ref(), &mut keys);
        dataset.data_source = source(data_source, rows.as_ref(), &mut keys);
        let is_given = dataset.data_source.is_given();
        let volume = keys.optional("volume");
        let volume_origin = volume.as_ref().map(|node| node.origin.clone());
        if let Some(rows) = volume.and_then(|node| read_volume(&node, &mut keys)) {
            dataset.rows = rows;
        }
        if let Some(origin) = volume_origin.filter(|_| is_given) {
            let word = dataset.data_source.word();
            let message = format!("`source: {word}` has as many rows as there are");
            let help = "drop `volume`";
            keys.invalid(&origin, message, help);
        }
        if dataset.data_source == DataSource::Rows {
            let rows = keys.list("rows", rows);
            dataset.written =
                rows.iter().filter_map(|node| WrittenRow::read(node, &mut keys)).collect();
            dataset.rows = dataset.written.len() as u64;
        }
        let fields = match is_given {
            true => keys.optional("fields"),
            false => keys.required("fields"),
        };
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
        let shard_key = keys.optional("shard_key");
        dataset.shard_key = keys.names("shard_key", shard_key).unwrap_or_default();
        if let Some(every) = keys.optional_bool("on_every_shard").filter(|every| every.value) {
            dataset.on_every_shard = true;
            if !dataset.shard_key.is_empty() {
                let message =
                    "`shard_key` places each row on one shard, and `on_every_shard` on all";
                keys.invalid(&every.origin, message, "drop one of the two");
            }
        }
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
        if let Some(origin) = empty.filter(|_| dataset.fields.is_empty() && !is_given) {
            keys.invalid(&origin, "a dataset needs a field", "add `- { name: id, ... }`");
        }
        keys.finish();
        Some(Self { dataset, database, refresh })
    }
}

/// Returns the rows that are written out; none after telling that a number stands there, which `volume` is for.
fn read_rows(source: Option<&Located<DataSource>>, keys: &mut Keys<'_>) -> Option<Node> {
    let rows = keys.optional("rows")?;
    let count = match &rows.kind {
        NodeKind::Mapping(entries) => {
            entries.iter().find(|(key, _)| key.value == "count").map(|(_, node)| node)
        }
        _ => Some(&rows),
    };
    let count = count.and_then(Node::as_text).filter(|text| text.parse::<u64>().is_ok());
    let Some(count) = count.filter(|_| source.is_none_or(|source| !source.value.is_given())) else {
        return Some(rows);
    };
    let help = format!("for that many rows, write `volume: {{ count: {count} }}`");
    keys.invalid(&rows.origin, "`rows` lists the rows themselves, and this is a number", &help);
    None
}

/// Returns where rows come from: what the definition says, else what its `rows` imply.
fn source(
    written: Option<Located<DataSource>>,
    rows: Option<&Node>,
    keys: &mut Keys<'_>,
) -> DataSource {
    match (written, rows) {
        (None, Some(_)) => DataSource::Rows,
        (None, None) => DataSource::default(),
        (Some(source), rows) => {
            let is_rows = source.value == DataSource::Rows;
            if is_rows && rows.is_none() {
                let message = "`source: rows` needs `rows`";
                keys.invalid(&source.origin, message, "add `rows: [{ column: value }]`");
            }
            if let Some(rows) = rows.filter(|_| !is_rows) {
                let message = format!("`rows` do not go with `source: {}`", source.value.word());
                keys.invalid(&rows.origin, message, "write `source: rows`, or drop one of the two");
            }
            source.value
        }
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

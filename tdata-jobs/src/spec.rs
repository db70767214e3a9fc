//! A definition with all that planning decides: defaults, types, keys, masks, and the versions of generators.

use tdata_core::definition::Definition;
use tdata_core::generate::GENERATORS;
use tdata_core::mask::version_of;
use tdata_core::plan::{DatasetPlan, FieldPlan, ForeignKey};
use tdata_core::spec::{Node, NodeKind, Parameters};

use crate::tree::Tree;

/// Tells a dataset as it was planned. `definition` is what it was read from, where it was read.
pub fn resolved_spec(dataset: &DatasetPlan, definition: Option<&Definition>) -> Tree {
    let mut tree = Tree::map([("dataset", dataset.name.as_str().into())]);
    if let Some(version) = definition.and_then(|definition| definition.version) {
        tree.push("version", version.to_string().as_str());
    }
    if let Some(description) = definition.and_then(|definition| definition.description.as_deref()) {
        tree.push("description", description);
    }
    tree.push("table", dataset.table.written().as_str());
    tree.push("source", dataset.spec.data_source.word());
    tree.push("rows_in_full", dataset.spec.rows);
    tree.push("rows", dataset.rows);
    tree.push("primary_key", texts(&dataset.primary_key));
    tree.push("unique", dataset.unique.iter().map(|group| texts(group)).collect::<Tree>());
    if !dataset.spec.shard_key.is_empty() {
        let key = dataset.spec.shard_key.iter().map(|name| name.value.as_str());
        tree.push("shard_key", key.collect::<Tree>());
    }
    if dataset.spec.on_every_shard {
        tree.push("on_every_shard", true);
    }
    tree.push("fields", dataset.fields.iter().map(|one| field(dataset, one)).collect::<Tree>());
    tree.push("foreign_keys", dataset.foreign_keys.iter().map(foreign_key).collect::<Tree>());
    let constraints = dataset.constraints.iter().map(|one| one.text.value.trim());
    tree.push("constraints", constraints.collect::<Tree>());
    tree
}

fn texts(texts: &[String]) -> Tree {
    texts.iter().map(String::as_str).collect()
}

fn field(dataset: &DatasetPlan, field: &FieldPlan) -> Tree {
    let written = dataset.spec.field(&field.name);
    let mut tree = Tree::map([
        ("name", field.name.as_str().into()),
        ("type", field.sql_type.to_string().as_str().into()),
        ("generator", field.generator.into()),
    ]);
    if let Some(entry) = GENERATORS.iter().find(|entry| entry.name == field.generator) {
        tree.push("generator_version", u64::from(entry.version));
    }
    if let Some(parameters) = written.map(|field| &field.parameters)
        && parameters.keys().next().is_some()
    {
        tree.push("parameters", of_parameters(parameters));
    }
    tree.push("unique", field.unique);
    tree.push("nullable", field.nullable);
    if let Some(written) = written.filter(|field| field.null_probability > 0.0) {
        tree.push("null_probability", Tree::Bare(written.null_probability.to_string()));
    }
    if let Some(mask) = field.mask {
        let mut masked = Tree::map([("rule", mask.into())]);
        if let Some(version) = version_of(mask) {
            masked.push("version", u64::from(version));
        }
        if let Some(rule) = dataset.spec.masking_rule(&field.name)
            && rule.parameters.keys().next().is_some()
        {
            masked.push("parameters", of_parameters(&rule.parameters));
        }
        tree.push("mask", masked);
    }
    tree
}

fn foreign_key(key: &ForeignKey) -> Tree {
    Tree::map([
        ("fields", texts(&key.fields)),
        ("dataset", key.dataset.as_str().into()),
        ("referenced_fields", texts(&key.referenced_fields)),
        ("on_delete", key.on_delete.to_string().as_str().into()),
    ])
}

fn of_parameters(parameters: &Parameters) -> Tree {
    let entry = |key: &str| Some((key.to_owned(), of_node(parameters.get(key)?)));
    Tree::Map(parameters.keys().filter_map(|key| entry(&key.value)).collect())
}

fn of_node(node: &Node) -> Tree {
    match &node.kind {
        _ if node.is_null() => Tree::Bare("null".to_owned()),
        NodeKind::Scalar { text, plain } => {
            let is_bare = *plain && serde_json::from_str::<serde_json::Value>(text).is_ok();
            if is_bare { Tree::Bare(text.clone()) } else { Tree::Text(text.clone()) }
        }
        NodeKind::Sequence(items) => Tree::List(items.iter().map(of_node).collect()),
        NodeKind::Mapping(entries) => Tree::Map(
            entries.iter().map(|(key, value)| (key.value.clone(), of_node(value))).collect(),
        ),
    }
}

//! Reads foreign keys between datasets.

use super::keys::Keys;
use crate::diagnostic::Located;
use crate::spec::{Node, NodeKind, OnDelete, Relationship};

const ON_DELETE: &[(&str, OnDelete)] = &[
    ("cascade", OnDelete::Cascade),
    ("restrict", OnDelete::Restrict),
    ("no_action", OnDelete::NoAction),
    ("set_null", OnDelete::SetNull),
    ("set_default", OnDelete::SetDefault),
];

impl Relationship {
    pub(super) fn read(node: &Node, keys: &mut Keys<'_>) -> Option<Self> {
        let mut keys = Keys::open(node, "a relationship", keys.diagnostics())?;
        let foreign_key = keys.required("foreignKey");
        let foreign_key = keys.names("foreignKey", foreign_key);
        let references = keys.required("references");
        let on_delete = keys.optional_word("onDelete", ON_DELETE);
        let target = references.and_then(|node| read_target(node, &mut keys));
        let (Some(foreign_key), Some((dataset, fields))) = (foreign_key, target) else {
            keys.finish();
            return None;
        };
        if foreign_key.len() != fields.len() {
            let message = format!(
                "`foreignKey` has {}, and `references` {}",
                count(foreign_key.len()),
                count(fields.len())
            );
            let help = "let each field of the key reference one field";
            keys.invalid(&foreign_key[0].origin, message, help);
            keys.finish();
            return None;
        }
        keys.finish();
        let on_delete = on_delete.map_or_else(OnDelete::default, |word| word.value);
        Some(Self { foreign_key, dataset, fields, on_delete })
    }
}

fn count(fields: usize) -> String {
    if fields == 1 { "1 field".to_owned() } else { format!("{fields} fields") }
}

/// Reads `dataset.field`, or `{ dataset: [field, field] }`.
fn read_target(node: Node, keys: &mut Keys<'_>) -> Option<(Located<String>, Vec<Located<String>>)> {
    let NodeKind::Mapping(entries) = &node.kind else {
        let references = keys.text("references", Some(node))?;
        let (dataset, field) = references.value.rsplit_once('.').unwrap_or(("", ""));
        if dataset.is_empty() || field.is_empty() {
            let message = format!("`{}` names no field of a dataset", references.value);
            let help = "write `dataset.field`, as `customers.id`";
            keys.invalid(&references.origin, message, help);
            return None;
        }
        let origin = references.origin.clone();
        let dataset = Located::new(dataset.to_owned(), origin.clone());
        return Some((dataset, vec![Located::new(field.to_owned(), origin)]));
    };
    let [(dataset, fields)] = &entries[..] else {
        let message = "`references` names one dataset".to_owned();
        keys.invalid(&node.origin, message, "write `{ customers: [tenant_id, id] }`");
        return None;
    };
    let fields = keys.names("references", Some(fields.clone()))?;
    Some((dataset.clone(), fields))
}

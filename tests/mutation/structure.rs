//! Changes of what definitions say.

use super::tree::{Tree, plain, quoted};
use super::{sample, words};
use crate::chance::Chance;

/// Keys of all parts of a definition.
const KEYS: [&str; 44] = [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "name",
    "namespace",
    "version",
    "description",
    "source",
    "database",
    "table",
    "volume",
    "count",
    "distribution",
    "fields",
    "primary_key",
    "unique",
    "relationships",
    "masking_rules",
    "validation",
    "refresh",
    "type",
    "generator",
    "null_probability",
    "masking",
    "pii_category",
    "foreignKey",
    "references",
    "onDelete",
    "field",
    "rule",
    "domain",
    "normalize",
    "constraint",
    "min",
    "max",
    "start",
    "step",
    "choices",
    "weights",
    "value",
    "pattern",
    "reference_table",
    "reference_field",
];

/// Changes something in one of the definitions.
pub(super) fn change(datasets: &mut [(String, Tree)], migrated: bool, chance: &mut Chance) {
    let other = datasets[chance.below(datasets.len())].1.clone();
    let at = chance.below(datasets.len());
    let tree = &mut datasets[at].1;
    if chance.below(3) == 0 {
        return change_field(tree, migrated, chance);
    }
    let (key, found) = tree.any(chance);
    match chance.below(8) {
        0..3 => *found = words::value(&key, migrated, chance),
        3 => match found {
            Tree::List(items) if !items.is_empty() => drop(items.remove(chance.below(items.len()))),
            Tree::Map(entries) if !entries.is_empty() => {
                drop(entries.remove(chance.below(entries.len())));
            }
            other => *other = plain(""),
        },
        4 => match found {
            Tree::List(items) if !items.is_empty() => {
                let item = items[chance.below(items.len())].clone();
                items.insert(chance.below(items.len() + 1), item);
            }
            Tree::Map(entries) if !entries.is_empty() => {
                let entry = entries[chance.below(entries.len())].clone();
                entries.insert(chance.below(entries.len() + 1), entry);
            }
            other => *other = Tree::List(vec![other.clone(), other.clone()]),
        },
        5 => match found {
            Tree::Map(entries) if !entries.is_empty() => {
                let at = chance.below(entries.len());
                entries[at].0 = plain(chance.of(&KEYS));
            }
            Tree::List(items) if items.len() > 1 => {
                let at = chance.below(items.len() - 1);
                items.swap(at, at + 1);
            }
            other => *other = Tree::Map(vec![(plain(chance.of(&KEYS)), other.clone())]),
        },
        6 => match found {
            // Ends change places, and so do values.
            Tree::Map(entries) if entries.len() > 1 => {
                let (one, other) = (chance.below(entries.len()), chance.below(entries.len()));
                let value = entries[one].1.clone();
                entries[one].1 = std::mem::replace(&mut entries[other].1, value);
            }
            Tree::Text(_, is_quoted) => *is_quoted = !*is_quoted,
            other => *other = quoted("a"),
        },
        _ => {
            let mut other = other;
            *found = other.any(chance).1.clone();
        }
    }
}

/// Changes a field, in ways that often leave it right.
fn change_field(tree: &mut Tree, migrated: bool, chance: &mut Chance) {
    let Some(Tree::List(fields)) = tree.get("spec").and_then(|spec| spec.get("fields")) else {
        return;
    };
    if fields.is_empty() {
        return;
    }
    let at = chance.below(fields.len());
    let field = &mut fields[at];
    let kinds: Vec<_> = words::TYPES.iter().chain(words::made_types(migrated)).copied().collect();
    match chance.below(6) {
        0 => field.set("type", quoted(chance.of(&kinds).0)),
        1 => {
            let key = chance.of(&["unique", "masking"]);
            field.set(key, plain(chance.of(&["true", "false"])));
        }
        2 => field.set("null_probability", plain(chance.of(&["0", "0.5", "1", "1e-300", "-0"]))),
        3 => {
            let (generator, keys) = chance.of(words::GENERATORS);
            field.set("generator", plain(generator));
            for key in keys {
                if chance.below(2) == 0 {
                    field.set(key, words::value(key, migrated, chance));
                }
            }
        }
        4 => field.set("name", quoted(chance.of(words::NAMES))),
        _ => fields.push(sample::field("more", migrated, chance)),
    }
}

/// Gives a dataset another name, wherever it stands by itself.
pub(super) fn rename(datasets: &mut [(String, Tree)], chance: &mut Chance) {
    let at = chance.below(datasets.len());
    let name = chance.of(words::NAMES);
    // No file's name has these.
    if name.is_empty()
        || name.contains(['/', '\0'])
        || datasets.iter().any(|(other, _)| other == name)
    {
        return;
    }
    let (old, tree) = &mut datasets[at];
    if let Some(metadata) = tree.get("metadata") {
        metadata.set("name", quoted(name));
    }
    if chance.below(2) == 0
        && let Some(spec) = tree.get("spec")
    {
        spec.set("table", quoted(name));
    }
    name.clone_into(old);
}

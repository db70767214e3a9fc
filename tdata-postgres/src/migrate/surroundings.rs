//! What stands around a folder of migrations, and tells which tool a project uses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::de::{DeTable, DeValue};

/// What stands around a folder of migrations.
pub(super) struct Surroundings<'a> {
    /// The nearest `Cargo.lock` upwards.
    pub(super) lock: Option<String>,
    /// Whether some `Cargo.toml` upwards asks for refinery's feature `int8-versions`.
    pub(super) has_int8_versions: bool,
    /// Whether it is within a module of Go.
    pub(super) is_go: bool,
    /// Whether flyway's settings are beside it or upwards.
    pub(super) has_flyway_settings: bool,
    /// What stands for flyway's placeholders.
    pub(super) placeholders: &'a BTreeMap<String, String>,
    /// The variables of the environment.
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Surroundings<'a> {
    /// Looks around a folder.
    pub(super) fn of(
        folder: &Path,
        placeholders: &'a BTreeMap<String, String>,
        environment: &'a dyn Fn(&str) -> Option<String>,
    ) -> Self {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let mut around = Self {
            lock: None,
            has_int8_versions: false,
            is_go: false,
            has_flyway_settings: false,
            placeholders,
            environment,
        };
        for folder in folder.ancestors() {
            let is_there = |name: &&str| folder.join(name).is_file();
            around.has_flyway_settings |= ["flyway.toml", "flyway.conf"].iter().any(is_there);
            around.is_go |= is_there(&"go.mod");
            if let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) {
                around.has_int8_versions |= asks_for(&manifest, "int8-versions");
            }
            // The workspace ends where its lock file is.
            around.lock = fs::read_to_string(folder.join("Cargo.lock")).ok();
            if around.lock.is_some() {
                break;
            }
        }
        around
    }

    /// Tells whether the project uses a crate; nothing where that cannot be seen.
    pub(super) fn uses(&self, name: &str) -> Option<bool> {
        let line = format!("name = \"{name}\"");
        self.lock.as_ref().map(|lock| lock.lines().any(|other| other == line))
    }
}

/// Tells whether a manifest asks for a feature of some dependency.
fn asks_for(manifest: &str, feature: &str) -> bool {
    fn has(value: &DeValue<'_>, feature: &str) -> bool {
        match value {
            DeValue::String(text) => {
                text == feature || text.rsplit_once('/').is_some_and(|(_, last)| last == feature)
            }
            DeValue::Array(list) => list.iter().any(|value| has(value.get_ref(), feature)),
            DeValue::Table(table) => table.iter().any(|(_, value)| has(value.get_ref(), feature)),
            _ => false,
        }
    }
    let table = DeTable::parse(manifest);
    table.is_ok_and(|table| table.get_ref().iter().any(|(_, value)| has(value.get_ref(), feature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_found_where_manifests_write_them() {
        for manifest in [
            "[dependencies]\nrefinery = { version = \"0.10\", features = [\"int8-versions\"] }",
            "[workspace.dependencies.refinery]\nfeatures = [\"postgres\", \"int8-versions\"]",
            "[features]\nbig = [\"refinery/int8-versions\"]",
        ] {
            assert!(asks_for(manifest, "int8-versions"), "{manifest}");
        }
        for manifest in ["[dependencies]\n# int8-versions\nrefinery = \"0.10\"", "no = toml ="] {
            assert!(!asks_for(manifest, "int8-versions"), "{manifest}");
        }
    }
}

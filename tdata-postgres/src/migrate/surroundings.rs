//! What stands around a folder of migrations, and tells which tool a project uses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use super::sqlx_settings::{self, SqlxSettings};

/// The workspace ends where this file is.
const LOCK: &str = "Cargo.lock";
const MANIFEST: &str = "Cargo.toml";
const GO: &str = "go.mod";
const FLYWAY: [&str; 2] = ["flyway.toml", "flyway.conf"];

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
    /// What the nearest `sqlx.toml` upwards says.
    pub(super) sqlx: SqlxSettings,
    /// What is wrong with that file.
    pub(super) sqlx_mistake: Option<Mistake>,
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
        let mut around = Self {
            lock: None,
            has_int8_versions: false,
            is_go: false,
            has_flyway_settings: false,
            sqlx: SqlxSettings::default(),
            sqlx_mistake: None,
            placeholders,
            environment,
        };
        let mut sqlx = None;
        for folder in folders(folder) {
            let is_there = |name: &&str| folder.join(name).is_file();
            around.has_flyway_settings |= FLYWAY.iter().any(is_there);
            around.is_go |= is_there(&GO);
            if let Ok(manifest) = fs::read_to_string(folder.join(MANIFEST)) {
                around.has_int8_versions |= asks_for(&manifest, "int8-versions");
            }
            sqlx = sqlx.or_else(|| SqlxSettings::read(&folder));
            around.lock = fs::read_to_string(folder.join(LOCK)).ok();
        }
        match sqlx {
            Some(Ok(settings)) => around.sqlx = settings,
            Some(Err(mistake)) => around.sqlx_mistake = Some(mistake),
            None => {}
        }
        around
    }

    /// Tells whether the project uses a crate; nothing where that cannot be seen.
    pub(super) fn uses(&self, name: &str) -> Option<bool> {
        let line = format!("name = \"{name}\"");
        self.lock.as_ref().map(|lock| lock.lines().any(|other| other == line))
    }
}

/// Returns the files around a folder that decide how its migrations are read, whether they are there or not.
pub fn surrounding_files(folder: &Path) -> Vec<PathBuf> {
    let names = [LOCK, MANIFEST, GO, sqlx_settings::FILE].into_iter().chain(FLYWAY);
    let files = |folder: PathBuf| names.clone().map(move |name| folder.join(name));
    folders(folder).into_iter().flat_map(files).collect()
}

/// Returns a folder and those above it, up to the workspace's own.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut folders = Vec::new();
    for folder in folder.ancestors() {
        folders.push(folder.to_owned());
        if folder.join(LOCK).is_file() {
            break;
        }
    }
    folders
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
    fn a_workspace_ends_where_its_lock_file_is() {
        let above = tempfile::tempdir().unwrap();
        let above = fs::canonicalize(above.path()).unwrap();
        let folder = above.join("workspace/shop/db");
        fs::create_dir_all(&folder).unwrap();
        let write = |name: &str, text: &str| fs::write(above.join(name), text).unwrap();
        write("sqlx.toml", "[migrate]\ntable-name = \"of_others\"");
        write("workspace/Cargo.lock", "");
        let table = || Surroundings::of(&folder, &BTreeMap::new(), &|_| None).sqlx.table;
        assert_eq!(table(), None);
        write("workspace/sqlx.toml", "[migrate]\ntable-name = \"own\"");
        assert_eq!(table().as_deref(), Some("own"));
        write("workspace/shop/sqlx.toml", "");
        assert_eq!(table(), None);
        let files = surrounding_files(&folder);
        for name in ["db/sqlx.toml", "flyway.conf", "../Cargo.lock", "../go.mod", "Cargo.toml"] {
            let path = above.join("workspace/shop").join(name);
            let path =
                fs::canonicalize(path.parent().unwrap()).unwrap().join(path.file_name().unwrap());
            assert!(files.contains(&path), "{name}");
        }
        assert!(files.iter().all(|file| file.starts_with(above.join("workspace"))));
    }

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

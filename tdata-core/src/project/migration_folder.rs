//! The folders of a project's migrations, and the tools whose layouts they have.

use toml::de::DeValue;

use super::reader::Reader;
use crate::diagnostic::{Located, words};

/// A folder of migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFolder {
    /// Its path, from the project's folder on.
    pub folder: Located<String>,
    /// The tool that it is laid out for; where nothing says, its files tell.
    pub layout: Option<MigrationLayout>,
    /// The table in which the tool keeps what has run, where it is not the tool's usual one.
    pub table: Option<String>,
}

words! {
    /// The tool that a folder of migrations is laid out for.
    MigrationLayout {
        /// Files without a tool.
        #[default]
        Plain = "plain",
        /// sqlx.
        Sqlx = "sqlx",
        /// diesel.
        Diesel = "diesel",
        /// refinery.
        Refinery = "refinery",
        /// refinery with its feature `int8-versions`.
        RefineryInt8 = "refinery-int8",
        /// dbmate.
        Dbmate = "dbmate",
        /// goose.
        Goose = "goose",
        /// golang-migrate.
        GolangMigrate = "golang-migrate",
        /// flyway.
        Flyway = "flyway",
        /// atlas.
        Atlas = "atlas",
        /// SeaORM.
        SeaOrm = "sea-orm",
    }
}

const KEYS: &[&str] = &["folder", "layout", "table"];

/// Reads a folder, or a list of folders: each a text, or a table that says more of it.
pub(super) fn read(reader: &mut Reader<'_, '_>) -> Vec<MigrationFolder> {
    let mut folders = Vec::new();
    reader.each(|reader| folders.extend(folder(reader)));
    folders
}

fn folder(reader: &mut Reader<'_, '_>) -> Option<MigrationFolder> {
    let mut said =
        MigrationFolder { folder: reader.located(String::new()), layout: None, table: None };
    match reader.value.get_ref() {
        DeValue::String(folder) => said.folder.value = folder.to_string(),
        DeValue::Table(table) => {
            for (key, value) in table {
                let mut reader = reader.inner(key, value);
                match key.get_ref().as_ref() {
                    "folder" => {
                        let folder = reader.text().unwrap_or_default();
                        said.folder = reader.located(folder);
                    }
                    "layout" => said.layout = reader.word(MigrationLayout::WORDS),
                    "table" => said.table = reader.text(),
                    _ => reader.unknown(KEYS),
                }
            }
        }
        _ => {}
    }
    if said.folder.is_empty() {
        reader.invalid("a folder, a list of folders, or { folder = \"…\", layout = \"…\" }");
        return None;
    }
    Some(said)
}

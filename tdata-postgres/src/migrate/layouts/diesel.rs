//! diesel: folders with `up.sql`.

use tdata_core::project::MigrationLayout;
use toml::de::DeTable;

use super::layout::{Layout, Settings};
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, When, record_version};
use crate::migrate::migration::Mode;
use crate::migrate::surroundings::Surroundings;

pub(super) const DIESEL: Layout = Layout {
    word: MigrationLayout::Diesel,
    find,
    // As texts: dates of two lengths stand beside each other.
    order: |found| found.order(|migration| migration.identity.version.clone()),
    is_merged: false,
    outside: "say so in metadata.toml beside the file, `run_in_transaction = false`",
    settings: Settings::Last,
    history: Some(History {
        table: "__diesel_schema_migrations",
        when: When::Within,
        create: |table| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                 run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)"
            )
        },
        record: record_version,
    }),
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.folders() {
        let up = format!("{name}/up.sql");
        if folder.get(&up).is_none() {
            found.mistake(
                name,
                None,
                "has no up.sql, and diesel runs none of such a folder; add it",
            );
            continue;
        }
        let version = name.split('_').next().unwrap_or_default().replace('-', "");
        let metadata = format!("{name}/metadata.toml");
        let mode = match folder.get(&metadata) {
            Some(bytes) => mode(bytes),
            None => Ok(Mode::Together),
        };
        if let Some(migration) = found.take(folder, &up, version, "") {
            migration.mode = *mode.as_ref().unwrap_or(&Mode::Together);
        }
        if folder.get(&metadata).is_some() {
            found.used.insert(metadata.clone());
        }
        if let Err((line, text)) = mode {
            found.mistake(&metadata, line, text);
        }
    }
}

/// Reads the file that says how a migration runs: one that does not say runs without a transaction.
fn mode(bytes: &[u8]) -> Result<Mode, (usize, String)> {
    let text = String::from_utf8_lossy(bytes);
    let table = DeTable::parse(&text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text[..at].matches('\n').count() + 1;
        (line, format!("is not valid TOML: {}", error.message()))
    })?;
    match table.get_ref().get("run_in_transaction") {
        None => Ok(Mode::OneByOne),
        Some(value) => match value.get_ref().as_bool() {
            Some(true) => Ok(Mode::Together),
            Some(false) => Ok(Mode::OneByOne),
            None => {
                let line = text[..value.span().start].matches('\n').count() + 1;
                Err((line, "run_in_transaction is true or false".to_owned()))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{mistakes, read};
    use super::*;

    #[test]
    fn versions_are_texts() {
        let files = [
            "2026-01-05-090000_c/up.sql",
            "2025-12-18-104956-0000_b/up.sql",
            "2025-12-18-104956-0000_b/down.sql",
            "2025-11-02-101500_a/up.sql",
            "00000000000000_diesel_initial_setup/up.sql",
            "README.md",
            "stray.sql",
        ];
        let (names, left_out) = read(&DIESEL, &files);
        assert_eq!(
            names,
            [
                "00000000000000_diesel_initial_setup/up.sql 00000000000000 ",
                "2025-11-02-101500_a/up.sql 20251102101500 ",
                "2025-12-18-104956-0000_b/up.sql 202512181049560000 ",
                "2026-01-05-090000_c/up.sql 20260105090000 ",
            ]
        );
        assert_eq!(left_out, ["stray.sql"]);
        assert_eq!(
            mistakes(&DIESEL, &["1_a/up.sql", "1_b/up.sql", "2_c/Up.sql"]),
            [
                "1_b/up.sql: has the version of 1_a/up.sql; give it another",
                "2_c: has no up.sql, and diesel runs none of such a folder; add it",
            ]
        );
    }

    #[test]
    fn metadata_says_whether_there_is_a_transaction() {
        for (text, expected) in [
            ("run_in_transaction = true # false", Ok(Mode::Together)),
            ("# run_in_transaction = true\nrun_in_transaction=false", Ok(Mode::OneByOne)),
            ("", Ok(Mode::OneByOne)),
            ("other = 1", Ok(Mode::OneByOne)),
            ("a = 1\nrun_in_transaction = 1", Err(2)),
            ("run_in_transaction", Err(1)),
        ] {
            assert_eq!(mode(text.as_bytes()).map_err(|(line, _)| line), expected, "{text}");
        }
    }
}

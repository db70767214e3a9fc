//! atlas: all `.sql` files of a folder that has `atlas.sum`, by their names.

use sha2::Digest as _;
use tdata_core::project::MigrationLayout;
use tdata_core::sql::quote_literal;

use super::layout::{Layout, Settings};
use crate::migrate::checksums::base64;
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::migration::{Migration, Mode};
use crate::migrate::parts::lines;
use crate::migrate::steps::Steps;
use crate::migrate::surroundings::Surroundings;

pub(super) const ATLAS: Layout = Layout {
    word: MigrationLayout::Atlas,
    find,
    order,
    is_merged: false,
    outside: "say so in the file's first line, `-- atlas:txmode none`",
    settings: Settings::Last,
    history: Some(History {
        table: "atlas_schema_revisions.atlas_schema_revisions",
        when: When::Within,
        create: |table| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (\"version\" character varying NOT NULL, \
                 \"description\" character varying NOT NULL, \"type\" bigint NOT NULL DEFAULT 2, \
                 \"applied\" bigint NOT NULL DEFAULT 0, \"total\" bigint NOT NULL DEFAULT 0, \
                 \"executed_at\" timestamptz NOT NULL, \"execution_time\" bigint NOT NULL, \"error\" text NULL, \
                 \"error_stmt\" text NULL, \"hash\" character varying NOT NULL, \"partial_hashes\" jsonb NULL, \
                 \"operator_version\" character varying NOT NULL, PRIMARY KEY (\"version\"))"
            )
        },
        record,
    }),
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.top().filter(|name| name.ends_with(".sql")) {
        let stem = name.strip_suffix(".sql").unwrap_or(name);
        let (version, description) = stem.split_once('_').unwrap_or((stem, ""));
        let Some(migration) = found.take(folder, name, version, description) else { continue };
        let mut delimiter = None;
        for line in lines(&migration.sql) {
            // What concerns the file stands at its head.
            let Some(directive) = line.text.strip_prefix("-- atlas:") else {
                if line.text.starts_with("--") || line.text.is_empty() {
                    continue;
                }
                break;
            };
            match directive.split_whitespace().collect::<Vec<_>>()[..] {
                ["txmode", "none"] => migration.mode = Mode::OneByOne,
                ["delimiter", sign] if sign != ";" => delimiter = Some(line.number),
                _ => {}
            }
        }
        if delimiter.is_some() {
            let text = "sets a delimiter of its own; tdata finds the ends of statements without: leave it out, and end \
                        each with `;`";
            found.mistake(name, delimiter, text);
        }
    }
    if folder.get("atlas.sum").is_some() {
        found.used.insert("atlas.sum".to_owned());
    }
}

/// By names; the last checkpoint stands for all before it.
fn order(found: &mut Found) {
    found.order(|migration| migration.name.clone());
    let is_checkpoint = |migration: &Migration| {
        lines(&migration.sql).any(|line| line.text.starts_with("-- atlas:checkpoint"))
    };
    if let Some(last) = found.list.iter().rposition(is_checkpoint) {
        found.list.drain(..last);
    }
}

fn record(record: &Record<'_>) -> String {
    let Record { table, identity, migration, run, nanoseconds } = record;
    let hash = hash(run);
    let (version, description) =
        (quote_literal(&identity.version), quote_literal(&identity.description));
    let statements = Steps::new(&migration.sql).count();
    format!(
        "INSERT INTO {table} (version, description, type, applied, total, executed_at, execution_time, error, error_stmt, \
         hash, operator_version) VALUES ({version}, {description}, 2, {statements}, {statements}, \
         pg_catalog.clock_timestamp(), {nanoseconds}, '', '', '{hash}', 'tdata') ON CONFLICT DO NOTHING"
    )
}

/// Hashes the names and texts of all files up to one, as `atlas.sum` has it.
fn hash(run: &[&Migration]) -> String {
    let mut hash = sha2::Sha256::new();
    for migration in run {
        hash.update(migration.identity.file.as_bytes());
        hash.update(&migration.identity.bytes);
    }
    base64(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{found, read};
    use super::*;

    #[test]
    fn names_order_and_heads_say_how_files_run() {
        let (names, _) =
            read(&ATLAS, &["9_b.sql", "10_a_c.sql", "x.sql", "atlas.sum", "a/1_d.sql"]);
        assert_eq!(names, ["10_a_c.sql 10 a_c", "9_b.sql 9 b", "x.sql x "]);
        let head = "-- atlas:txmode none\n\nCREATE INDEX CONCURRENTLY i ON t (a);\n";
        let (outside, _) = found(&ATLAS, &[("1_a.sql", head)]);
        assert_eq!(outside.list[0].mode, Mode::OneByOne);
        let checkpoint = [("1_a.sql", ""), ("2_b.sql", "-- atlas:checkpoint\n\n"), ("3_c.sql", "")];
        let (left, _) = found(&ATLAS, &checkpoint);
        assert_eq!(
            left.list.iter().map(|one| &*one.name).collect::<Vec<_>>(),
            ["2_b.sql", "3_c.sql"]
        );
        let (delimiter, _) =
            found(&ATLAS, &[("1_a.sql", "-- so\n-- atlas:delimiter \\n\\n\n\nSELECT 1")]);
        assert_eq!(delimiter.mistakes[0].1.line, Some(2));
    }

    /// atlas' own tests have these.
    #[test]
    fn checksums_are_those_of_atlas() {
        let files = [
            ("1.sql", "CREATE TABLE `users` (`id` int NOT NULL PRIMARY KEY);"),
            ("2.sql", "ALTER TABLE `users` ADD COLUMN `happy` boolean NOT NULL DEFAULT true;"),
        ];
        let (found, _) = found(&ATLAS, &files);
        let run: Vec<&Migration> = found.list.iter().collect();
        assert_eq!(hash(&run[..1]), "twN+zPVp8JzWEUcPPfNIT6/62Wa08dfxxZhT4gZxBzg=");
        assert_eq!(hash(&run), "KHLlrSPwSjbp4+KrpQHwYZf8zlSIiAR7MS3H2yd1yeE=");
    }
}

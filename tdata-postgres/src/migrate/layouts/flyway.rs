//! flyway: `V<version>__<description>.sql`, `R__…`, `B<version>__…` and callbacks, in the folder and in those below it.

use tdata_core::project::MigrationLayout;
use tdata_core::sql::{TableName, quote_identifier, quote_literal};

use super::layout::{Layout, Settings};
use crate::migrate::checksums::crc32;
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::migration::{Migration, Mode};
use crate::migrate::own_program::OWN_PROGRAM;
use crate::migrate::steps::{Step, Steps, words};
use crate::migrate::surroundings::Surroundings;

pub(super) const FLYWAY: Layout = Layout {
    word: MigrationLayout::Flyway,
    find,
    order,
    is_merged: true,
    outside: "say so in a file beside it of the same name with `.conf` behind, `executeInTransaction=false`",
    settings: Settings::LastWithoutRole,
    history: Some(History { table: "flyway_schema_history", when: When::Within, create, record }),
};

const VERSIONED: &str = "SQL";
const BASELINE: &str = "SQL_BASELINE";
const REPEATABLE: &str = "repeatable";

/// What runs around migrations, in the order of its places.
const CALLBACKS: &[&str] = &[
    "beforeMigrate",
    "beforeEachMigrate",
    "afterEachMigrate",
    "afterVersioned",
    "beforeRepeatables",
    "afterMigrateApplied",
    "afterMigrate",
];

fn find(folder: &Folder, around: &Surroundings<'_>, found: &mut Found) {
    for name in folder.all() {
        let file = name.rsplit('/').next().unwrap_or(name);
        let Some((stem, ending)) = file.rsplit_once('.') else { continue };
        let Some((kind, version, description)) = kind(stem) else { continue };
        if matches!(ending, "java" | "kt" | "class") && !CALLBACKS.contains(&kind) {
            let text = format!("is no SQL, and only your program can run it: {OWN_PROGRAM}");
            found.mistake(name, None, text);
        }
        if ending != "sql" {
            continue;
        }
        if kind == "undo" {
            found.pass_over(name);
            continue;
        }
        let Some(migration) = found.take(folder, name, &version, &description) else { continue };
        migration.identity.kind = kind;
        migration.identity.is_entered = !CALLBACKS.contains(&kind);
        let (sql, mistakes) = replaced(&migration.sql, file, around);
        migration.mode = mode(&sql);
        migration.sql = sql;
        let settings = format!("{name}.conf");
        if let Some(text) = folder.get(&settings) {
            let compact: String =
                String::from_utf8_lossy(text).to_lowercase().split_whitespace().collect();
            if compact.contains("executeintransaction=false") {
                migration.mode = Mode::OneByOne;
            }
            found.used.insert(settings);
        }
        for (line, text) in mistakes {
            found.mistake(name, line, text);
        }
    }
}

/// Reads a name without its ending: what it is, its version, its description.
pub(super) fn kind(stem: &str) -> Option<(&'static str, String, String)> {
    let (first, description) = stem.split_once("__").unwrap_or((stem, ""));
    if let Some(callback) = CALLBACKS.iter().find(|callback| **callback == first) {
        return Some((callback, String::new(), String::new()));
    }
    let description = description.replace('_', " ");
    if first == "R" {
        return Some((REPEATABLE, String::new(), description));
    }
    let kind = match first.chars().next()? {
        'V' => VERSIONED,
        'B' => BASELINE,
        'U' => "undo",
        _ => return None,
    };
    let version = first[1..].replace('_', ".");
    let is_version = version.split('.').all(|part| part.parse::<u128>().is_ok());
    is_version.then_some((kind, version, description))
}

/// The parts of a version; zeros at the end do not count.
fn parts(migration: &Migration) -> Vec<u128> {
    let parts = migration.identity.version.split('.');
    let mut parts: Vec<u128> = parts.filter_map(|part| part.parse().ok()).collect();
    while parts.last() == Some(&0) {
        parts.pop();
    }
    parts
}

fn order(found: &mut Found) {
    let all = std::mem::take(&mut found.list);
    let (callbacks, migrations): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| !one.identity.is_entered);
    found.list = migrations;
    found.order(|one| {
        let is_repeatable = one.identity.kind == REPEATABLE;
        let description = is_repeatable.then(|| one.identity.description.clone());
        // A baseline and a version may be the same.
        (is_repeatable, parts(one), one.identity.kind == VERSIONED, description)
    });
    let mut migrations = std::mem::take(&mut found.list);
    // The last baseline stands for all up to it.
    if let Some(last) = migrations.iter().rposition(|one| one.identity.kind == BASELINE) {
        let base = parts(&migrations[last]);
        migrations.drain(..last);
        migrations.retain(|one| one.identity.kind != VERSIONED || parts(one) > base);
    }
    let call = |list: &mut Vec<Migration>, event: &str| {
        list.extend(callbacks.iter().filter(|one| one.identity.kind == event).cloned());
    };
    let mut list = Vec::new();
    call(&mut list, "beforeMigrate");
    let (repeatable, versioned): (Vec<_>, Vec<_>) =
        migrations.into_iter().partition(|one| one.identity.kind == REPEATABLE);
    for (index, group) in [versioned, repeatable].into_iter().enumerate() {
        if index == 1 {
            call(&mut list, "afterVersioned");
            call(&mut list, "beforeRepeatables");
        }
        for migration in group {
            call(&mut list, "beforeEachMigrate");
            list.push(migration);
            call(&mut list, "afterEachMigrate");
        }
    }
    call(&mut list, "afterMigrateApplied");
    call(&mut list, "afterMigrate");
    found.list = list;
}

/// Puts in what stands for placeholders. Returns the lines with those that nobody knows, too.
fn replaced(sql: &str, file: &str, around: &Surroundings<'_>) -> (String, Vec<(usize, String)>) {
    let (mut done, mut mistakes) = (String::with_capacity(sql.len()), Vec::new());
    let mut rest = sql;
    while let Some((before, behind)) = rest.split_once("${") {
        done.push_str(before);
        rest = behind;
        let Some((name, behind)) = behind.split_once('}') else {
            done.push_str("${");
            continue;
        };
        let value = match name {
            "flyway:filename" => Some(file),
            "flyway:table" => Some("flyway_schema_history"),
            name => around.placeholders.get(name).map(String::as_str),
        };
        if let Some(value) = value {
            done.push_str(value);
            rest = behind;
            continue;
        }
        let line = done.rsplit('\n').next().unwrap_or_default();
        if !line.trim_start().starts_with("--") {
            let text = format!(
                "has the placeholder ${{{name}}}; say in tdata.toml what stands for it: migration_placeholders = \
                 {{ \"{name}\" = \"…\" }}"
            );
            mistakes.push((done.matches('\n').count() + 1, text));
        }
        done.push_str("${");
    }
    (done + rest, mistakes)
}

/// A file with a statement that cannot be in a transaction is in none.
fn mode(sql: &str) -> Mode {
    let is_outside = |step| {
        let Step::Statement(statement) = step else { return false };
        let words: Vec<String> = words(&sql[statement]).take(4).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["create" | "drop", "database" | "tablespace" | "subscription", ..]
                | ["alter", "system", ..]
                | ["create" | "drop", "index", "concurrently", ..]
                | ["create", "unique", "index", "concurrently", ..]
                | ["reindex", "schema" | "database" | "system", ..]
                | ["vacuum", ..]
                | ["discard", "all"]
        )
    };
    match Steps::new(sql).any(is_outside) {
        true => Mode::OneByOne,
        false => Mode::Together,
    }
}

fn create(table: &TableName) -> String {
    let (key, index) = (format!("{}_pk", table.name), format!("{}_s_idx", table.name));
    let (key, index) = (quote_identifier(&key), quote_identifier(&index));
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (\"installed_rank\" INT NOT NULL CONSTRAINT {key} PRIMARY KEY, \
         \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \
         \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INTEGER, \"installed_by\" VARCHAR(100) NOT NULL, \
         \"installed_on\" TIMESTAMP NOT NULL DEFAULT now(), \"execution_time\" INTEGER NOT NULL, \
         \"success\" BOOLEAN NOT NULL); \
         CREATE INDEX IF NOT EXISTS {index} ON {table} (\"success\")"
    )
}

fn record(Record { table, identity, migration, run, nanoseconds }: &Record<'_>) -> String {
    let version = match identity.kind {
        REPEATABLE => "NULL".to_owned(),
        _ => quote_literal(&identity.version),
    };
    let (kind, checksum) = match identity.kind {
        // What is put in for placeholders makes it run again.
        REPEATABLE => (VERSIONED, checksum(migration.sql.as_bytes())),
        kind => (kind, checksum(&identity.bytes)),
    };
    let (rank, milliseconds) = (run.len(), nanoseconds / 1_000_000);
    let (description, script) =
        (quote_literal(&identity.description), quote_literal(&identity.file));
    format!(
        "INSERT INTO {table} (installed_rank, version, description, type, script, checksum, installed_by, execution_time, \
         success) VALUES ({rank}, {version}, {description}, '{kind}', {script}, {checksum}, current_user, \
         {milliseconds}, TRUE) ON CONFLICT DO NOTHING"
    )
}

/// The lines without their ends, and without the mark of their bytes' order.
fn checksum(bytes: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    crc32(text.as_bytes()).cast_signed()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::all::tests::{found, mistakes, nowhere, read};
    use super::*;

    #[test]
    fn versions_order_by_their_parts_and_repeatable_ones_come_last() {
        let files = [
            "R__views.sql",
            "V1.10__c.sql",
            "V1_9__b_b.sql",
            "below/V1__a.sql",
            "U1__a.sql",
            "afterMigrate.sql",
            "R__aa.sql",
            "beforeEachMigrate__x.sql",
            "Vx__y.sql",
            "notes.txt",
        ];
        let (names, left_out) = read(&FLYWAY, &files);
        let each = "beforeEachMigrate__x.sql  ";
        assert_eq!(
            names,
            [
                each,
                "below/V1__a.sql 1 a",
                each,
                "V1_9__b_b.sql 1.9 b b",
                each,
                "V1.10__c.sql 1.10 c",
                each,
                "R__aa.sql  aa",
                each,
                "R__views.sql  views",
                "afterMigrate.sql  ",
            ]
        );
        assert_eq!(left_out, ["Vx__y.sql"]);
        let (names, _) = read(
            &FLYWAY,
            &["V1__a.sql", "B2__base.sql", "V2__b.sql", "V2.1__c.sql", "B1__old.sql"],
        );
        assert_eq!(names, ["B2__base.sql 2 base", "V2.1__c.sql 2.1 c"]);
        assert_eq!(mistakes(&FLYWAY, &["V1__a.sql", "V1.0__b.sql", "V3__c.java"]).len(), 2);
    }

    #[test]
    fn files_with_what_cannot_be_in_a_transaction_are_in_none() {
        let files = [
            ("V1__a.sql", "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a);"),
            ("V2__b.sql", "SELECT 'VACUUM';"),
            ("V3__c.sql", "VACUUM t;"),
            ("V4__d.sql", "SELECT 1;"),
            ("V4__d.sql.conf", "executeInTransaction = false"),
        ];
        let modes: Vec<Mode> = found(&FLYWAY, &files).0.list.iter().map(|one| one.mode).collect();
        assert_eq!(modes, [Mode::OneByOne, Mode::Together, Mode::OneByOne, Mode::OneByOne]);
    }

    #[test]
    fn placeholders_are_replaced_or_told() {
        let placeholders = BTreeMap::from([("owner".to_owned(), "app".to_owned())]);
        let around = Surroundings { placeholders: &placeholders, ..nowhere() };
        let (sql, told) = replaced(
            "-- ${other}\nA ${owner} ${flyway:filename};\n${no} $${",
            "V1__a.sql",
            &around,
        );
        assert_eq!(sql, "-- ${other}\nA app V1__a.sql;\n${no} $${");
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, 3);
    }

    #[test]
    fn checksums_are_those_of_flyway() {
        let text = "\u{feff}CREATE TABLE a (id int);\r\n-- x\n\nSELECT 1;";
        assert_eq!(checksum(text.as_bytes()), 1_605_365_203);
    }
}

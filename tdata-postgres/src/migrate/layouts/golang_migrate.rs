//! golang-migrate: `<number>_<title>.up.sql`, each one message to the server.

use tdata_core::project::MigrationLayout;

use super::layout::{Layout, Settings};
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::migration::{Migration, Mode};
use crate::migrate::steps::{Step, Steps, words};
use crate::migrate::surroundings::Surroundings;

pub(super) const GOLANG_MIGRATE: Layout = Layout {
    word: MigrationLayout::GolangMigrate,
    find,
    order: |found| found.order(number),
    is_merged: false,
    outside: "put it into a file of its own",
    settings: Settings::Last,
    history: Some(History {
        table: "schema_migrations",
        when: When::Behind,
        create: |table| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
            )
        },
        record,
    }),
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.top() {
        let Some((version, rest)) = name.split_once('_') else { continue };
        let is_digits = version.bytes().all(|byte| byte.is_ascii_digit());
        let (true, Some(version)) =
            (is_digits && rest.ends_with(".up.sql"), version.parse::<u64>().ok())
        else {
            continue;
        };
        if let Some(migration) = found.take(folder, name, version, "") {
            migration.mode = mode(&migration.sql);
        }
    }
}

fn number(migration: &Migration) -> Option<u64> {
    migration.identity.version.parse().ok()
}

/// The server takes a message as one transaction, unless it is one statement, or has transactions of its own.
fn mode(sql: &str) -> Mode {
    let mut count = 0;
    let is_outside = |step| match step {
        Step::Statement(statement) => {
            count += 1;
            let words: Vec<String> = words(&sql[statement]).take(2).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            matches!(words.as_slice(), ["begin", ..] | ["start", "transaction"])
        }
        _ => false,
    };
    match Steps::new(sql).any(is_outside) || count == 1 {
        true => Mode::OneByOne,
        false => Mode::Together,
    }
}

fn record(Record { table, identity, .. }: &Record<'_>) -> String {
    let version = &identity.version;
    format!("TRUNCATE {table}; INSERT INTO {table} (version, dirty) VALUES ({version}, false)")
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{mistakes, read};
    use super::*;

    #[test]
    fn only_files_up_count_and_numbers_order() {
        let files =
            ["10_b.up.sql", "10_b.down.sql", "2_a.up.sql", "3_c.sql", "x_d.up.sql", "4.up.sql"];
        let (names, left_out) = read(&GOLANG_MIGRATE, &files);
        assert_eq!(names, ["2_a.up.sql 2 ", "10_b.up.sql 10 "]);
        assert_eq!(left_out, ["3_c.sql", "4.up.sql", "x_d.up.sql"]);
        assert_eq!(mistakes(&GOLANG_MIGRATE, &["1_a.up.sql", "01_b.up.sql"]).len(), 1);
    }

    #[test]
    fn files_run_as_the_server_takes_a_message() {
        for (sql, expected) in [
            ("CREATE INDEX CONCURRENTLY i ON t (a);", Mode::OneByOne),
            ("BEGIN; SELECT 1; COMMIT;", Mode::OneByOne),
            ("SELECT 1; START TRANSACTION; COMMIT;", Mode::OneByOne),
            ("SELECT 1; SELECT 2;", Mode::Together),
            ("", Mode::Together),
        ] {
            assert_eq!(mode(sql), expected, "{sql}");
        }
    }
}

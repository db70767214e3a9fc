//! sqlx: `<number>_<description>.sql`, or `….up.sql` with `….down.sql`.

use tdata_core::project::MigrationLayout;
use tdata_core::sql::quote_literal;

use super::layout::{Layout, Settings};
use crate::migrate::checksums::sha384;
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::migration::{Migration, Mode};
use crate::migrate::surroundings::Surroundings;

pub(super) const SQLX: Layout = Layout {
    word: MigrationLayout::Sqlx,
    find,
    order: |found| found.order(number),
    is_merged: false,
    outside: "say so at the very beginning of the file, `-- no-transaction`",
    settings: Settings::Last,
    history: Some(History {
        table: "_sqlx_migrations",
        when: When::Within,
        create: |table| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
                 installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, \
                 execution_time BIGINT NOT NULL)"
            )
        },
        record,
    }),
};

fn find(folder: &Folder, around: &Surroundings<'_>, found: &mut Found) {
    for name in folder.top() {
        let Some((version, rest)) = split(name) else { continue };
        let Ok(version) = version.parse::<i64>() else {
            found.mistake(
                name,
                None,
                "begins with no number, and sqlx reads no such folder; rename it",
            );
            continue;
        };
        if rest.ends_with(".down.sql") {
            found.pass_over(name);
            continue;
        }
        let ending = if rest.ends_with(".up.sql") { ".up.sql" } else { ".sql" };
        let description = rest.trim_end_matches(ending).replace('_', " ");
        if let Some(migration) = found.take(folder, name, version, &description) {
            let bytes = &mut migration.identity.bytes;
            if bytes.starts_with(b"-- no-transaction") {
                migration.mode = Mode::OneByOne;
            }
            *bytes = around.sqlx.hashed(bytes);
        }
    }
}

/// Takes the name of a migration apart: its version, and the rest.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once('_').filter(|(_, rest)| rest.ends_with(".sql"))
}

fn number(migration: &Migration) -> Option<i64> {
    migration.identity.version.parse().ok()
}

fn record(Record { table, identity, nanoseconds, .. }: &Record<'_>) -> String {
    let description = quote_literal(&identity.description);
    let (version, checksum) = (&identity.version, sha384(&identity.bytes));
    format!(
        "INSERT INTO {table} (version, description, success, checksum, execution_time) VALUES ({version}, {description}, \
         TRUE, pg_catalog.decode('{checksum}', 'hex'), {nanoseconds}) ON CONFLICT DO NOTHING"
    )
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{mistakes, read};
    use super::*;

    #[test]
    fn versions_are_numbers_and_what_undoes_is_left_out() {
        let files = [
            "10_b.sql",
            "9_a__c.up.sql",
            "9_a__c.down.sql",
            "seed.sql",
            "README.md",
            "below/1_x.sql",
        ];
        let (names, left_out) = read(&SQLX, &files);
        assert_eq!(names, ["9_a__c.up.sql 9 a  c", "10_b.sql 10 b"]);
        assert_eq!(left_out, ["below/1_x.sql", "seed.sql"]);
        assert_eq!(
            mistakes(&SQLX, &["1_a.sql", "01_b.sql", "x_c.sql"]),
            [
                "1_a.sql: has the version of 01_b.sql; give it another",
                "x_c.sql: begins with no number, and sqlx reads no such folder; rename it"
            ]
        );
    }

    #[test]
    fn only_the_first_bytes_say_that_there_is_no_transaction() {
        let mode = |text: &str| {
            let mut found = Found::default();
            find(
                &Folder::of(&[("1_a.sql", text)]),
                &super::super::all::tests::nowhere(),
                &mut found,
            );
            found.list[0].mode
        };
        assert_eq!(mode("-- no-transaction\nSELECT 1"), Mode::OneByOne);
        assert_eq!(mode("\n-- no-transaction\nSELECT 1"), Mode::Together);
        assert_eq!(mode("\u{feff}-- no-transaction"), Mode::Together);
    }
}

//! SeaORM, as far as its migrations are SQL: `m<date>_<time>_<name>.sql`.

use tdata_core::project::MigrationLayout;
use tdata_core::sql::quote_literal;

use super::layout::{Layout, Settings};
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::own_program::OWN_PROGRAM;
use crate::migrate::surroundings::Surroundings;

pub(super) const SEA_ORM: Layout = Layout {
    word: MigrationLayout::SeaOrm,
    find,
    order: |found| found.order(|migration| migration.identity.version.clone()),
    is_merged: false,
    outside: "SeaORM runs nothing without one, so it cannot be a migration there",
    settings: Settings::Last,
    history: Some(History {
        table: "seaql_migrations",
        when: When::Within,
        create: |table| {
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (\"version\" varchar NOT NULL PRIMARY KEY, \
                 \"applied_at\" bigint NOT NULL)"
            )
        },
        record,
    }),
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.all() {
        let path = name.strip_prefix("src/").unwrap_or(name);
        // A folder of its name may hold the SQL.
        let stem = path.split(['/', '.']).next().unwrap_or_default();
        if !is_version(stem) {
            continue;
        }
        if name.ends_with(".rs") {
            let text =
                format!("is written in Rust, and only your program can run it: {OWN_PROGRAM}");
            found.mistake(name, None, text);
        } else if matches!(&path[stem.len()..], ".sql" | ".up.sql" | "/up.sql") {
            found.take(folder, name, stem, "");
        }
    }
}

/// Tells whether a name is `m<date>_<time>_<name>`.
pub(super) fn is_version(stem: &str) -> bool {
    let mut parts = stem.strip_prefix('m').unwrap_or_default().splitn(3, '_');
    let mut has_digits = |count: usize| {
        parts
            .next()
            .is_some_and(|part| part.len() == count && part.bytes().all(|b| b.is_ascii_digit()))
    };
    has_digits(8) && has_digits(6) && parts.next().is_some_and(|name| !name.is_empty())
}

fn record(Record { table, identity, .. }: &Record<'_>) -> String {
    let version = quote_literal(&identity.version);
    format!(
        "INSERT INTO {table} (\"version\", \"applied_at\") VALUES ({version}, \
         pg_catalog.date_part('epoch', pg_catalog.clock_timestamp())::bigint) ON CONFLICT DO NOTHING"
    )
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{mistakes, read};
    use super::*;

    #[test]
    fn only_sql_can_run() {
        let files = [
            "m20240102_000000_b.up.sql",
            "m20240102_000000_b.down.sql",
            "m20240101_000000_a.sql",
            "m20240103_000000_c/up.sql",
            "m1_d.sql",
            "lib.rs",
        ];
        let (names, left_out) = read(&SEA_ORM, &files);
        assert_eq!(
            names,
            [
                "m20240101_000000_a.sql m20240101_000000_a ",
                "m20240102_000000_b.up.sql m20240102_000000_b ",
                "m20240103_000000_c/up.sql m20240103_000000_c ",
            ]
        );
        assert_eq!(left_out, ["m1_d.sql"]);
        let told = mistakes(&SEA_ORM, &["src/m20240101_000000_a.rs"]);
        assert!(told[0].contains("in Rust"), "{told:?}");
    }
}

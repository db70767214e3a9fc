//! refinery: `V<number>__<name>.sql`, and `U` in place of `V`, in the folder and in those below it.

use tdata_core::project::MigrationLayout;
use tdata_core::sql::{TableName, quote_literal};

use super::layout::{Layout, Settings};
use crate::migrate::checksums::sip_hash_1_3;
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::history::{History, Record, When};
use crate::migrate::migration::{Identity, Migration};
use crate::migrate::own_program::OWN_PROGRAM;
use crate::migrate::surroundings::Surroundings;

pub(super) const REFINERY: Layout = Layout {
    word: MigrationLayout::Refinery,
    find: |folder, around, found| {
        // A number that is too large for the usual type tells the other.
        find(folder, around, found, |version| version.parse::<i32>().is_ok());
    },
    order: |found| found.order(number),
    is_merged: false,
    outside: "refinery runs nothing without one, so it cannot be a migration there",
    settings: Settings::Last,
    history: Some(History {
        table: "refinery_schema_history",
        when: When::Behind,
        create: |table| create(table, "int4"),
        record: |of| record(of, &number32(of.identity).to_le_bytes()),
    }),
};

pub(super) const REFINERY_INT8: Layout = Layout {
    word: MigrationLayout::RefineryInt8,
    find: |folder, around, found| {
        find(folder, around, found, |version| version.parse::<i64>().is_ok());
    },
    history: Some(History {
        table: "refinery_schema_history",
        when: When::Behind,
        create: |table| create(table, "int8"),
        record: |of| record(of, &number64(of.identity).to_le_bytes()),
    }),
    ..REFINERY
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found, is_version: fn(&str) -> bool) {
    for name in folder.all() {
        let file = name.rsplit('/').next().unwrap_or(name);
        let Some((version, description, ending)) = split(file) else { continue };
        if ending == "rs" {
            let text =
                format!("is written in Rust, and only your program can run it: {OWN_PROGRAM}");
            found.mistake(name, None, text);
        } else if is_version(version) {
            // `007` is 7.
            let number = version.trim_start_matches('0');
            let number = if number.is_empty() { "0" } else { number };
            found.take(folder, name, number, description);
        } else {
            found.mistake(
                name,
                None,
                format!(
                    "has the version {version}, and refinery takes none such; with its feature `int8-versions` say \
                     migrations_layout = \"refinery-int8\""
                ),
            );
        }
    }
}

/// Takes the name of a migration apart: version, name and ending.
pub(super) fn split(file: &str) -> Option<(&str, &str, &str)> {
    let (version, rest) = file.strip_prefix(['U', 'V'])?.split_once("__")?;
    let (name, ending) = rest.split_once('.')?;
    let mut parts = version.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let fits = parts.clone().count() <= 2
        && parts.all(is_number)
        && !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && matches!(ending, "sql" | "rs");
    fits.then_some((version, name, ending))
}

fn number(migration: &Migration) -> i64 {
    number64(&migration.identity)
}

fn number32(identity: &Identity) -> i32 {
    identity.version.parse().unwrap_or_default()
}

fn number64(identity: &Identity) -> i64 {
    identity.version.parse().unwrap_or_default()
}

fn create(table: &TableName, number: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (version {number} PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), \
         checksum VARCHAR(255))"
    )
}

fn record(Record { table, identity, .. }: &Record<'_>, number: &[u8]) -> String {
    let name = quote_literal(&identity.description);
    let (version, checksum) = (&identity.version, checksum(identity, number));
    format!(
        "INSERT INTO {table} (version, name, applied_on, checksum) VALUES ({version}, {name}, pg_catalog.to_char(\
         pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"000Z\"'), '{checksum}') \
         ON CONFLICT DO NOTHING"
    )
}

/// Hashes what a migration is, as the hash of Rust's standard library does with name, number and text.
fn checksum(identity: &Identity, number: &[u8]) -> u64 {
    let end = &[0xff][..];
    let Identity { description, bytes, .. } = identity;
    sip_hash_1_3(&[description.as_bytes(), end, number, bytes, end].concat())
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::{mistakes, read};
    use super::*;

    #[test]
    fn folders_below_count_and_numbers_order() {
        let files = [
            "V10__c.sql",
            "billing/V2__bills.sql",
            "U3__b.sql",
            "V1__größe.sql",
            "V4_x.sql",
            "v5__y.sql",
            "notes.md",
        ];
        let (names, left_out) = read(&REFINERY, &files);
        assert_eq!(
            names,
            [
                "V1__größe.sql 1 größe",
                "billing/V2__bills.sql 2 bills",
                "U3__b.sql 3 b",
                "V10__c.sql 10 c"
            ]
        );
        assert_eq!(left_out, ["V4_x.sql", "v5__y.sql"]);
    }

    #[test]
    fn what_refinery_does_not_run_is_told() {
        let told = mistakes(
            &REFINERY,
            &["V1__a.rs", "V1.5__b.sql", "V3000000000__c.sql", "a/V2__d.sql", "b/U02__e.sql"],
        );
        let starts = [
            "V1.5__b.sql: has the version 1.5",
            "V1__a.rs: is written in Rust",
            "V3000000000__c.sql: has the version 3000000000",
            "b/U02__e.sql: has the version of a/V2__d.sql",
        ];
        assert_eq!(told.len(), starts.len(), "{told:?}");
        for (told, start) in told.iter().zip(starts) {
            assert!(told.starts_with(start), "{told}");
        }
        assert!(mistakes(&REFINERY_INT8, &["V3000000000__c.sql"]).is_empty());
    }

    /// refinery's own tests have these.
    #[test]
    fn checksums_are_those_of_refinery() {
        let identity = |name: &str, sql: &str| Identity {
            description: name.to_owned(),
            bytes: sql.as_bytes().to_owned(),
            ..Identity::default()
        };
        let persons = "CREATE TABLE persons (\n    id int,\n    name varchar(255),\n    city varchar(255)\n);\n";
        let cars = "CREATE TABLE cars (\n    id int,\n    name varchar(255)\n);\n";
        for (number, name, sql, int4, int8) in [
            (1_i32, "initial", persons, 2_959_965_718_684_201_605, 13_938_959_368_620_441_626),
            (2, "add_cars_table", cars, 8_238_603_820_526_370_208, 5_394_706_226_941_044_339),
        ] {
            let identity = identity(name, sql);
            assert_eq!(checksum(&identity, &number.to_le_bytes()), int4);
            assert_eq!(checksum(&identity, &i64::from(number).to_le_bytes()), int8);
        }
    }
}

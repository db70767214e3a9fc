//! Files of every format that a server reads, read by a real one: the rows are those that tests get.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod shop;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use postgres::Client;
use tdata_core::plan::Plan;
use tdata_jobs::Format;
use tdata_runtime::{Config, Engine, TestData};

/// The datasets in a database, loaded as for tests.
fn loaded(datasets: &[(&str, &str)]) -> (Engine, tempfile::TempDir, TestData) {
    let folder = tempfile::tempdir().unwrap();
    let definitions = folder.path().join("data_definitions");
    fs::create_dir(&definitions).unwrap();
    for (name, text) in datasets {
        fs::write(definitions.join(format!("{name}.yaml")), text).unwrap();
    }
    let config = Config::from_environment().unwrap().project(folder.path());
    let engine = Engine::new(config.as_of("2024-05-01".parse().unwrap()));
    let mut request = engine.request(datasets.iter().map(|(name, _)| *name));
    request = request.volume("kinds", 3000);
    let data = request.provision().unwrap();
    (engine, folder, data)
}

/// Reads a file into a copy of a table.
fn read(client: &mut Client, table: &str, format: Format, bytes: &[u8]) {
    client.batch_execute(&format!("TRUNCATE copied_{table}")).unwrap();
    let options = match format {
        Format::Csv => "(FORMAT csv, HEADER)",
        Format::PgCopy => "",
        Format::PgCopyBinary => "(FORMAT binary)",
        _ => {
            let sql = String::from_utf8(bytes.to_vec()).unwrap();
            let insert = format!("INSERT INTO {table} ");
            assert!(sql.starts_with(&insert), "{}", &sql[..60]);
            client
                .batch_execute(&sql.replace(&insert, &format!("INSERT INTO copied_{table} ")))
                .unwrap();
            return;
        }
    };
    let statement = format!("COPY copied_{table} FROM STDIN {options}");
    let mut writer = client.copy_in(&statement).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap();
}

/// Returns how many rows two tables do not share.
fn difference(client: &mut Client, table: &str) -> i64 {
    // Some types, such as json, cannot be compared but by their texts.
    let query = format!(
        "SELECT count(*) FROM (
           (SELECT t::text FROM {table} t EXCEPT ALL SELECT c::text FROM copied_{table} c)
           UNION ALL
           (SELECT c::text FROM copied_{table} c EXCEPT ALL SELECT t::text FROM {table} t)) d"
    );
    client.query_one(&query, &[]).unwrap().get(0)
}

fn bytes(plan: &Plan, dataset: &str, rows: u64, format: Format, group: u64) -> Vec<u8> {
    shop::bytes(plan, |file: &Path| {
        let mut generate = shop::into_file(dataset, 0..rows, format, file);
        generate.layout.rows_per_insert = group.try_into().unwrap();
        generate
    })
}

#[test]
fn a_server_reads_every_format_as_the_rows_that_tests_get() {
    let (_engine, _folder, data) = loaded(&[("kinds", shop::KINDS), ("written", shop::WRITTEN)]);
    let mut client = data.client();
    for (dataset, rows) in [("kinds", 3000), ("written", 3)] {
        let create = format!("CREATE TABLE copied_{dataset} (LIKE {dataset})");
        client.batch_execute(&create).unwrap();
        let plan = shop::planned(&[dataset]);
        for (format, group) in [
            (Format::Csv, 1),
            (Format::PgCopy, 1),
            (Format::Sql, 1),
            (Format::Sql, 100),
            (Format::PgCopyBinary, 1),
        ] {
            if format == Format::PgCopyBinary
                && plan.dataset(dataset).unwrap().copy_binary().is_none()
            {
                continue;
            }
            read(&mut client, dataset, format, &bytes(&plan, dataset, rows, format, group));
            assert_eq!(difference(&mut client, dataset), 0, "{dataset} as {format}");
        }
    }
}

#[test]
fn statements_fill_columns_whose_values_the_server_makes() {
    let (_engine, _folder, data) = loaded(&[("kinds", shop::KINDS)]);
    let mut client = data.client();
    for identity in ["ALWAYS", "BY DEFAULT"] {
        let create = format!(
            "DROP TABLE IF EXISTS copied_kinds; CREATE TABLE copied_kinds (LIKE kinds); \
             ALTER TABLE copied_kinds ALTER id SET NOT NULL, ALTER id ADD GENERATED {identity} AS IDENTITY"
        );
        client.batch_execute(&create).unwrap();
        let plan = shop::planned(&["kinds"]);
        for group in [1, 100] {
            read(
                &mut client,
                "kinds",
                Format::Sql,
                &bytes(&plan, "kinds", 3000, Format::Sql, group),
            );
            assert_eq!(difference(&mut client, "kinds"), 0, "{identity}");
        }
    }
}

#[test]
fn json_lines_are_those_of_the_server() {
    let (_engine, _folder, data) = loaded(&[("kinds", shop::KINDS), ("written", shop::WRITTEN)]);
    let mut client = data.client();
    client.batch_execute("SET timezone = 'UTC'").unwrap();
    for (dataset, rows) in [("kinds", 3000), ("written", 3)] {
        let plan = shop::planned(&[dataset]);
        let lines = bytes(&plan, dataset, rows, Format::JsonLines, 1);
        let lines = String::from_utf8(lines).unwrap();
        let query = format!("SELECT row_to_json(t)::text FROM {dataset} t ORDER BY id");
        let expected = client.query(&query, &[]).unwrap();
        assert_eq!(lines.lines().count(), expected.len());
        for (line, row) in lines.lines().zip(&expected) {
            let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            let mut expected = json(row.get(0));
            let mut found = json(line);
            for object in [&mut expected, &mut found] {
                let object = object.as_object_mut().unwrap();
                // The server writes some types in a form of its own; what it reads is the same.
                for column in ["span", "clock", "bytes", "days"] {
                    object.remove(column);
                }
                // Of 0 and 0.0 as floating-point numbers, JSON knows no difference.
                for column in ["ratio", "real"] {
                    if let Some(number) = object.get_mut(column) {
                        *number = number.as_f64().into();
                    }
                }
            }
            assert_eq!(found, expected);
        }
    }
}

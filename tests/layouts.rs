//! Folders of migrations, each read as its own tool reads it.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::sync::mpsc::channel;

use project::Project;
use tdata::{Config, Engine, Error, Isolation, Notices, TestData};

const BOATS: &str = "CREATE TABLE boats (id integer PRIMARY KEY, label text NOT NULL);";

const DEFINITION: &str = "  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: word }
";

/// A project with these files below `migrations/`, and settings.
fn project(settings: &str, files: &[(&str, &str)]) -> Project {
    let settings = format!("migrations = \"migrations\"\n{settings}");
    let paths: Vec<(String, &str)> =
        files.iter().map(|(name, text)| (format!("migrations/{name}"), *text)).collect();
    let mut all = vec![("tdata.toml", settings.as_str())];
    all.extend(paths.iter().map(|(path, text)| (path.as_str(), *text)));
    Project::with(&all).define("boats", DEFINITION)
}

fn provision(project: &Project, isolation: Isolation) -> Result<TestData, Error> {
    let request = TestData::request(["boats"]).project(project.path());
    request.isolation(isolation).provision()
}

/// Migrates in each kind of place, and returns what one query finds.
fn found(project: &Project, query: &str) -> String {
    let found = |isolation| {
        let data = provision(project, isolation).unwrap();
        assert_eq!(data.dataset("boats").len(), 20);
        let text: Option<String> = data.client().query_one(query, &[]).unwrap().get(0);
        text.unwrap_or_default()
    };
    let all = [Isolation::Full, Isolation::Schema].map(found);
    assert_eq!(all[0], all[1]);
    let [first, _] = all;
    first
}

fn refused(project: &Project) -> String {
    provision(project, Isolation::Full).unwrap_err().to_string()
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

/// The columns of the table, in the order in which migrations made them.
const COLUMNS: &str = "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute \
                       WHERE attrelid = 'boats'::regclass AND attnum > 0";

#[test]
fn a_search_path_lasts_to_the_next_file_as_with_the_tool() {
    let first = "CREATE SCHEMA depot;\nSET SEARCH_PATH TO depot, public;\n\
                 CREATE TABLE crates (id integer PRIMARY KEY, label text NOT NULL);";
    let more = "SELECT 1;\nALTER TABLE crates ADD COLUMN weight integer;";
    let definition = DEFINITION.replacen("  volume", "  table: depot.crates\n  volume", 1);
    for layout in ["sqlx", "diesel", "refinery", "goose"] {
        let files = match layout {
            "diesel" => [("1_a/up.sql", first), ("2_b/up.sql", more)],
            "refinery" => [("V1__a.sql", first), ("V2__b.sql", more)],
            _ => [("0001_schema.sql", first), ("0002_more.sql", more)],
        };
        let marked = files.map(|(name, text)| {
            (
                name,
                if layout == "goose" { format!("-- +goose Up\n{text}") } else { text.to_owned() },
            )
        });
        let files: Vec<(&str, &str)> = marked.iter().map(|(name, text)| (*name, &**text)).collect();
        let project = project("", &files);
        std::fs::write(
            project.path().join("data_definitions/crates.yaml"),
            format!(
                "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: crates }}\nspec:\n{definition}"
            ),
        )
        .unwrap();
        let data = TestData::request(["crates"]).project(project.path()).provision().unwrap();
        let sql = "SELECT count(weight) + 1 FROM depot.crates";
        assert_eq!(data.client().query_one(sql, &[]).unwrap().get::<_, i64>(0), 1, "{layout}");
        // The connections of tests begin with the usual one.
        let path: String = data.client().query_one("SHOW search_path", &[]).unwrap().get(0);
        assert_eq!(path, "\"$user\", public");
        // Where all tables are in one schema, it is the path that leads there.
        let schema = TestData::request(["crates"]).isolation(Isolation::Schema);
        let told = schema.project(project.path()).provision().unwrap_err().to_string();
        assert_contains(
            &told,
            &["`schema` isolation the search_path that", "with `full` it lasts"],
        );
    }
    let plain = project(
        "migrations_layout = \"plain\"\n",
        &[("0001_schema.sql", first), ("0002_more.sql", more)],
    );
    assert_contains(
        &refused(&plain),
        &[
            "0002_more.sql failed at line 2 (ALTER TABLE crates ADD COLUMN weight integer)",
            "The search_path that 0001_schema.sql set ended with that file",
            "migrations is read as plain files",
            "migrations_layout",
        ],
    );
}

#[test]
fn an_empty_search_path_ends_with_its_file() {
    let dump = "SELECT pg_catalog.set_config('search_path', '', false);";
    let project = project(
        "",
        &[
            ("1_a.sql", BOATS),
            ("2_dump.sql", dump),
            ("3_b.sql", "ALTER TABLE boats ADD COLUMN b int;"),
        ],
    );
    assert_eq!(found(&project, COLUMNS), "id label b");
    let sql = "SELECT string_agg(version::text, ' ' ORDER BY version) FROM _sqlx_migrations";
    assert_eq!(found(&project, sql), "1 2 3");
}

#[test]
fn refinery_reads_folders_below() {
    let tables = "CREATE TABLE boats (id integer PRIMARY KEY, label varchar(4) NOT NULL, paid boolean NOT NULL);";
    let project = project(
        "",
        &[
            ("V1__keys.sql", "CREATE TABLE keys (id integer PRIMARY KEY);"),
            ("billing/V2__boats.sql", tables),
        ],
    );
    assert_contains(&refused(&project), &["demands values for `paid`"]);
}

#[test]
fn diesel_compares_versions_as_texts() {
    let project = project(
        "",
        &[
            ("2025-11-02-101500_make/up.sql", BOATS),
            ("2025-12-18-104956-0000_column/up.sql", "ALTER TABLE boats ADD COLUMN sails int;"),
            ("2026-01-05-090000_rest/up.sql", "ALTER TABLE boats ALTER sails SET DEFAULT 1;"),
        ],
    );
    assert_eq!(found(&project, COLUMNS), "id label sails");
    let sql = "SELECT string_agg(version, ' ' ORDER BY version) FROM __diesel_schema_migrations";
    assert_eq!(found(&project, sql), "20251102101500 202512181049560000 20260105090000");
}

#[test]
fn hidden_files_are_left_out() {
    for first in ["0001_boats.sql", "1.sql", "V1__boats.sql", "2024-01-01-000000_a/up.sql"] {
        let project = project(
            "",
            &[
                (first, BOATS),
                (".#0002_x.sql", "this is an editor's lock file"),
                ("._V2__x.sql", "Mac OS X"),
                (".hidden/V3__x.sql", "nonsense"),
                (".hidden/up.sql", "nonsense"),
            ],
        );
        let folder = project.path().join("migrations");
        std::fs::write(folder.join("._0001_boats.sql"), b"Mac OS X\0\xff\xfe").unwrap();
        assert_eq!(found(&project, COLUMNS), "id label");
    }
}

#[test]
fn metadata_is_read_as_toml_and_decides_the_fingerprint() {
    let function =
        "CREATE FUNCTION two() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;";
    // Only a transaction has savepoints.
    let up = format!("{BOATS}\n{function}\nSAVEPOINT one;");
    let metadata = "# for indexes: run_in_transaction = false\nrun_in_transaction = true\n";
    let files = [
        ("2024-01-01-000000_a/up.sql", up.as_str()),
        ("2024-01-01-000000_a/metadata.toml", metadata),
    ];
    let project = project("", &files);
    assert_eq!(found(&project, COLUMNS), "id label");
    // In a transaction the index cannot be made; what says that there is none makes another template.
    let index = format!("{BOATS}\nCREATE INDEX CONCURRENTLY i ON boats (label);");
    std::fs::write(project.path().join("migrations").join(files[0].0), index).unwrap();
    assert_contains(&refused(&project), &["CREATE INDEX CONCURRENTLY", "run_in_transaction"]);
    std::fs::write(
        project.path().join("migrations").join(files[1].0),
        "run_in_transaction = false",
    )
    .unwrap();
    assert_eq!(found(&project, COLUMNS), "id label");
}

#[test]
fn each_tool_finds_its_own_table() {
    let more = "ALTER TABLE boats ADD COLUMN b int;";
    let up =
        |mark: &str, sql: &str, down: &str| format!("{mark}\n{sql}\n{down}\nDROP TABLE boats;\n");
    let goose = |sql| up("-- +goose Up", sql, "-- +goose Down");
    let dbmate = |sql| up("-- migrate:up", sql, "-- migrate:down");
    let text = str::to_owned;
    for (layout, files, query, rows) in [
        (
            "sqlx",
            [("10_b.sql", text(more)), ("9_a_c.sql", text(BOATS))],
            "SELECT string_agg(concat_ws(' ', version, description, success, length(checksum)), ', ' ORDER BY version) \
             FROM _sqlx_migrations",
            "9 a c t 48, 10 b t 48",
        ),
        (
            "dbmate",
            [("10_a.sql", dbmate(BOATS)), ("9_b.sql", dbmate(more))],
            "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migrations",
            "10 9",
        ),
        (
            "goose",
            [("00010_b.sql", goose(more)), ("9_a.sql", goose(BOATS))],
            "SELECT string_agg(concat_ws(' ', id, version_id, is_applied), ', ' ORDER BY id) FROM goose_db_version",
            "1 0 t, 2 9 t, 3 10 t",
        ),
        (
            "golang-migrate",
            [("10_b.up.sql", text(more)), ("9_a.up.sql", text(BOATS))],
            "SELECT string_agg(concat_ws(' ', version, dirty), ', ') FROM schema_migrations",
            "10 f",
        ),
        (
            "flyway",
            [("below/V1_10__b_c.sql", text(more)), ("V1.9__a.sql", text(BOATS))],
            "SELECT string_agg(concat_ws(' ', installed_rank, version, description, type, script, success, \
             checksum IS NOT NULL), ', ' ORDER BY installed_rank) FROM flyway_schema_history",
            "1 1.9 a SQL V1.9__a.sql t t, 2 1.10 b c SQL below/V1_10__b_c.sql t t",
        ),
        (
            "sea-orm",
            [("m20240102_000000_b.sql", text(more)), ("m20240101_000000_a.sql", text(BOATS))],
            "SELECT string_agg(version, ' ' ORDER BY version) FROM seaql_migrations WHERE applied_at > 1e9",
            "m20240101_000000_a m20240102_000000_b",
        ),
    ] {
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let project = project(&format!("migrations_layout = {layout:?}\n"), &files);
        assert_eq!(found(&project, COLUMNS), "id label b", "{layout}");
        assert_eq!(found(&project, query), rows, "{layout}");
    }
}

#[test]
fn the_table_of_atlas_has_a_schema_of_its_own() {
    let project = project("", &[("1_a.sql", BOATS), ("atlas.sum", "h1:x=\n")]);
    let rows = "SELECT concat_ws(' ', version, description, type, applied, total) FROM";
    let full = provision(&project, Isolation::Full).unwrap();
    let sql = format!("{rows} atlas_schema_revisions.atlas_schema_revisions");
    assert_eq!(full.client().query_one(&sql, &[]).unwrap().get::<_, &str>(0), "1 a 2 1 1");
    // All tables are in one schema there.
    let schema = provision(&project, Isolation::Schema).unwrap();
    let sql = format!("{rows} atlas_schema_revisions");
    assert_eq!(schema.client().query_one(&sql, &[]).unwrap().get::<_, &str>(0), "1 a 2 1 1");
}

#[test]
fn parts_that_run_keep_their_lines() {
    let goose = "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose StatementEnd\nSELECT nothing;\n\
                 -- +goose Down\nDROP TABLE boats;";
    let dbmate = "-- migrate:up\nSELECT 1;\n-- migrate:down\n\n-- migrate:up\nSELECT nothing;";
    for (text, line) in [(goose, "at line 5"), (dbmate, "at line 6")] {
        assert_contains(&refused(&project("", &[("1_a.sql", text)])), &[line]);
    }
}

#[test]
fn several_folders_run_one_after_another() {
    let more = "ALTER TABLE boats ADD COLUMN b int;";
    let settings =
        "migrations = [\"b\", { folder = \"a\", layout = \"diesel\", table = \"done\" }]\n";
    let files = [
        ("tdata.toml", settings),
        ("b/1_boats.sql", BOATS),
        ("a/2024-01-01-000000_b/up.sql", more),
    ];
    let project = Project::with(&files).define("boats", DEFINITION);
    assert_eq!(found(&project, COLUMNS), "id label b");
    let sql =
        "SELECT concat_ws(' ', (SELECT version FROM done), (SELECT version FROM _sqlx_migrations))";
    assert_eq!(found(&project, sql), "20240101000000 1");
}

#[test]
fn folders_of_one_tool_share_its_table_and_no_settings_of_others() {
    let settings = "migrations = [{ folder = \"a\", layout = \"sqlx\" }, \"b\", \"c\"]\nmigrations_layout = \"flyway\"\n";
    let path = "CREATE SCHEMA IF NOT EXISTS depot; SET Search_Path = depot;";
    let more = "ALTER TABLE boats ADD COLUMN b int;";
    let project = Project::with(&[
        ("tdata.toml", settings),
        ("a/1_path.sql", path),
        ("b/V1__boats.sql", BOATS),
        ("b/V3__more.sql", "ALTER TABLE boats ADD COLUMN d int;"),
        ("c/V2__more.sql", more),
    ])
    .define("boats", DEFINITION);
    assert_eq!(found(&project, COLUMNS), "id label b d");
    let sql = "SELECT string_agg(concat_ws(' ', installed_rank, script), ', ' ORDER BY installed_rank) \
               FROM flyway_schema_history";
    assert_eq!(found(&project, sql), "1 V1__boats.sql, 2 V2__more.sql, 3 V3__more.sql");
}

#[test]
fn all_mistakes_in_a_folder_are_told_at_once() {
    let down = "SELECT 1;\n-- +migrate Down\nDROP TABLE boats;";
    let project = project(
        "",
        &[
            ("V1__boats.sql", BOATS),
            ("below/V01__boats.sql", BOATS),
            ("V2__rust.rs", "fn migration() {}"),
            ("V3__both.sql", down),
        ],
    );
    assert_contains(
        &refused(&project),
        &[
            "migrations/below/V01__boats.sql has the version of V1__boats.sql",
            "migrations/V2__rust.rs is written in Rust",
            "migrations/V3__both.sql:2 begins what undoes it",
        ],
    );
}

#[test]
fn what_is_left_out_is_said_once() {
    let project =
        project("", &[("1_boats.sql", BOATS), ("notes.sql", "nonsense"), ("a/2_b.sql", "no")]);
    let (sender, said) = channel();
    let notices = Notices::to(move |text| drop(sender.send(text.to_owned())));
    let engine =
        Engine::new(Config::from_environment().unwrap().notices(notices).project(project.path()));
    for _ in 0..2 {
        engine.request(["boats"]).provision().unwrap();
    }
    engine.close();
    let said: Vec<String> = said.try_iter().filter(|text| text.contains("left out")).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_contains(
        &said[0],
        &["migrations is read as sqlx's, and left out are a/2_b.sql, notes.sql;"],
    );
}

#[test]
fn a_wrong_layout_is_told_with_the_nearest() {
    let project = project("migrations_layout = \"flywey\"\n", &[("1_boats.sql", BOATS)]);
    assert_contains(&refused(&project), &["tdata.toml:2", "did you mean `flyway`?"]);
}

#[test]
fn placeholders_and_variables_are_put_in() {
    let sql = "CREATE TABLE ${table} (id integer PRIMARY KEY, label text NOT NULL);\n-- ${no}";
    let project = project(
        "migration_placeholders = { table = \"boats\" }\n",
        &[("V1__boats.sql", sql), ("R__view.sql", "SELECT 1;")],
    );
    assert_eq!(found(&project, COLUMNS), "id label");
    std::fs::write(project.path().join("tdata.toml"), "migrations = \"migrations\"\n").unwrap();
    assert_contains(
        &refused(&project),
        &["migrations/V1__boats.sql:1", "${table}", "migration_placeholders"],
    );
}

#[test]
fn what_runs_in_no_transaction_is_told_with_the_word_of_its_tool() {
    const TYPE: &str = "CREATE TYPE state AS ENUM ('new');\n";
    let statements = [
        "CREATE INDEX CONCURRENTLY ON boats (label);",
        "REINDEX TABLE CONCURRENTLY boats;",
        "VACUUM boats;",
        "ALTER SYSTEM SET work_mem = '8MB';",
        "CREATE DATABASE other_boats;",
        "ALTER TYPE state ADD VALUE 'old';\nSELECT 'old'::state;",
    ];
    let tools = [
        ("plain", "1.sql", "2.sql", "", "`-- no-transaction`"),
        ("sqlx", "1_a.sql", "2_b.sql", "", "`-- no-transaction`"),
        ("diesel", "1_a/up.sql", "2_b/up.sql", "", "`run_in_transaction = false`"),
        ("goose", "001_a.sql", "002_b.sql", "-- +goose Up\n", "`-- +goose NO TRANSACTION`"),
        ("dbmate", "1_a.sql", "2_b.sql", "-- migrate:up\n", "`-- migrate:up transaction:false`"),
        ("atlas", "1_a.sql", "2_b.sql", "", "`-- atlas:txmode none`"),
        ("golang-migrate", "1_a.up.sql", "2_b.up.sql", "", "a file of its own"),
        ("refinery", "V1__a.sql", "V2__b.sql", "", "refinery runs nothing without one"),
    ];
    // Each statement once, and each tool at least once with the index.
    let cases = tools.iter().map(|tool| (tool, statements[0]));
    let others = statements[1..].iter().zip(tools.iter().cycle().skip(1));
    for ((layout, first, second, mark, word), statement) in
        cases.chain(others.map(|(statement, tool)| (tool, *statement)))
    {
        let made = format!("{mark}{BOATS}\n{TYPE}");
        let sql = format!("{mark}SELECT 1;\n{statement}\n");
        let settings = format!("migrations_layout = \"{layout}\"\n");
        let told = refused(&project(&settings, &[(first, &made), (second, &sql)]));
        assert_contains(&told, &[second, word]);
    }
    let own = project(
        "migrations_layout = \"sqlx\"\n",
        &[("1_a.sql", BOATS), ("2_b.sql", "-- no-transaction\nBEGIN;\nVACUUM boats;\nCOMMIT;\n")],
    );
    assert_contains(&refused(&own), &["2_b.sql", "line 3", "the file begins one itself"]);
}

#[test]
fn what_sqlx_toml_says_of_migrations_holds() {
    let project = project(
        "migrations_layout = \"sqlx\"\n",
        &[
            ("1_boats.sql", &format!("{BOATS}\r\n")),
            ("2_more.sql", "CREATE TABLE depot.crates (id int);\n"),
        ],
    );
    let file = project.path().join("sqlx.toml");
    let settings = "[migrate]\ntable-name = \"ops.done\"\nignored-chars = [\"\\r\"]\ncreate-schemas = [\"depot\"]\n";
    std::fs::write(&file, settings).unwrap();
    let data = provision(&project, Isolation::Full).unwrap();
    let sql = "SELECT checksum = sha384(convert_to($1, 'UTF8')) FROM ops.done WHERE version = 1";
    let row = data.client().query_one(sql, &[&format!("{BOATS}\n")]).unwrap();
    assert!(row.get::<_, bool>(0));

    std::fs::write(&file, "[migrate]\ntable-name = 1\n").unwrap();
    assert_contains(&refused(&project), &["sqlx.toml:2 table-name is a text"]);
}

//! Values that a definition writes, with PostgreSQL as the judge of what planning says of them.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::fmt::Write;

use postgres::Client;
use project::Project;
use tdata::{Isolation, MaskKey, TestData};
use tdata_core::contract::Contract;
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::Source;
use tdata_core::plan::{Catalog, plan};

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

/// Quotes a text as YAML takes it literally.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Plans definitions, each a dataset with what stands under `fields`; returns what is wrong.
fn mistakes(definitions: &[(&str, &str)]) -> Option<String> {
    let mut library = Library::default();
    for (name, fields) in definitions {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
             table: {name}\n  fields:\n{ID}{fields}"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    let as_of = Instant::from_micros(1_714_521_600_123_456);
    let contract = Contract::new(definitions.iter().map(|(name, _)| *name), as_of);
    let planned = plan(&contract, &library, &MaskKey::development(), &Catalog::default());
    planned.err().map(|mistakes| mistakes.to_string())
}

fn constant(sql_type: &str, text: &str) -> String {
    let text = quoted(text);
    format!("    - {{ name: v, type: '{sql_type}', generator: constant, value: {text} }}\n")
}

fn choices(sql_type: &str, texts: &[&str]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    let texts = texts.join(", ");
    format!(
        "    - {{ name: v, type: '{sql_type}', unique: true, generator: choice, choices: [{texts}] }}\n  \
         volume: {{ count: {} }}\n",
        1
    )
}

/// An empty database.
fn database() -> TestData {
    let project = Project::with(&[]).define("empty", &format!("  fields:\n{ID}"));
    let request = TestData::request(["empty"]).project(project.path());
    request.isolation(Isolation::Full).provision().unwrap()
}

/// Texts for columns of several types: those that PostgreSQL keeps as they are, those it refuses, and those it changes.
const TEXTS: &[(&[&str], &[&str])] = &[
    (
        &["time", "time(0)", "time(3)"],
        &[
            "10:00",
            "4:05",
            "10:00:00",
            "10:00:00.5",
            "10:00:00.123456",
            "24:00:00",
            "24:00:01",
            "25:00",
            "10:60",
            "10:00:60",
            "10:00:61",
            "4:05 PM",
            "04:05pm",
            "4pm",
            "12:30 am",
            "13:30 pm",
            "040506",
            "0405",
            "allballs",
            "noon",
            "10",
            "",
            "x",
            "10:00+02",
            "10:00Z",
            "T10:00",
            "1:2:3",
            "10:00:00.",
            "-10:00",
        ],
    ),
    (
        &["timetz", "timetz(0)"],
        &[
            "10:00+02",
            "10:00:00+02:30",
            "10:00Z",
            "10:00+16",
            "10:00+20",
            "10:00:00.5-08",
            "25:00+00",
        ],
    ),
    (
        &[
            "interval",
            "interval day",
            "interval year to month",
            "interval(0)",
            "interval day to minute",
        ],
        &[
            "1 day",
            "2 days 03:00",
            "1 day 02:03:04",
            "3 4:05:06",
            "1-2",
            "-1-2",
            "P1Y2M3DT4H5M6S",
            "PT0.5S",
            "P",
            "1.5 days",
            "1.5 months",
            "1 year 2 mons",
            "1 week ago",
            "@ 1 minute",
            "1 fortnight",
            "",
            "x",
            "1:60",
            "00:00:60",
            "10:00",
            "100:00:00",
            "1day",
            "1 day 1 day",
            "1 century",
            "2 decades",
            "500 ms",
            "1-12",
            "PT",
            "P1",
            "+1 day -02:00",
            "ago",
            "10 us",
            "1 h 30 m",
        ],
    ),
    (
        &["bit(3)", "bit varying(3)"],
        &["101", "1", "1010", "", "12x", "b101", "B101", "x1", "xF", "1 0", "010 "],
    ),
    (
        &["jsonb", "json"],
        &[
            "{}",
            "[]",
            "null",
            "1",
            "\"a\"",
            "{\"a\": [1, 2.5e3, null]}",
            "{a: 1}",
            "[1,]",
            "{\"a\"}",
            "",
            "01",
            "1.",
            "nul",
            "\"\\u0000\"",
            "\"\\ud83d\"",
            "\"\\ud83d\\ude00\"",
            "\"\\u00e4\"",
            "1e400000",
            "[1] 2",
            " [ 1 ] ",
            "'a'",
            "\"\\x\"",
            "-",
            "-1.5E+3",
            "TRUE",
            "{\"a\":1,\"a\":2}",
        ],
    ),
    (
        &["tsvector"],
        &[
            "",
            "a b",
            "'a b':1,2A c",
            "O'Brien",
            "'it''s'",
            "a\\:b",
            "'a'b",
            "'",
            "''",
            ":1",
            "a:",
            "a:0",
            "a:1,",
            "a:1x",
        ],
    ),
    (
        &["numeric(4,2)[]", "varchar(3)[]"],
        &[
            "{}",
            "{1.5}",
            "{1.555}",
            "{ 1 , 22 }",
            "{{1},{2}}",
            "[0:1]={1,2}",
            "{\"1\"}",
            "{NULL}",
            "{",
            "1",
            "{1,}",
            "{1}x",
            "{100}",
            "{1000}",
            "{0.001}",
            "{1e1}",
            "{\\1}",
        ],
    ),
    (
        &["inet"],
        &[
            "192.0.2.1",
            "192.0.2.1/24",
            "192.0.2.1/33",
            "192.0.2.256",
            "2001:db8::1",
            "2001:db8::/32",
            "::1/129",
            "192.0.2.1/",
            "192.0.2.1/+8",
            "x",
            "",
            "::ffff:1.2.3.4",
        ],
    ),
    (
        &["cidr"],
        &[
            "192.0.2.0/24",
            "192.0.2.1/24",
            "10",
            "10.1",
            "10/8",
            "192.168",
            "192.168.1",
            "192.0.2.1",
            "2001:db8::/32",
            "2001:db8::1/64",
            "::/0",
            "0.0.0.0/0",
            "10.0.0.0/33",
            "x",
            "",
            "1.2.3.4.5",
            "224",
            "240",
        ],
    ),
    (&["name"], &["abc", "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcd"]),
    (&["char(3)", "varchar(3)"], &["abc", "ab", "ab ", "abcd", "abc ", ""]),
    (
        &["numeric(4,2)", "numeric(3)"],
        &["1.5", "12.34", "12.345", "123", "99.99", "99.999", "1000", "1e1", "1e2", "x", ""],
    ),
    (
        &["timestamp(0)", "timestamp(3)", "timestamptz(6)"],
        &[
            "2024-05-01T10:00:00Z",
            "2024-05-01T10:00:00.5Z",
            "2024-05-01T10:00:00.1234567Z",
            "2024-05-01",
            "2024-13-01",
            "x",
        ],
    ),
];

#[test]
fn what_planning_takes_is_kept_by_postgresql_and_what_it_refuses_is_told_before() {
    let data = database();
    let mut client = data.client();
    let mut wrong = String::new();
    for (types, texts) in TEXTS {
        for sql_type in *types {
            client.batch_execute(&format!("CREATE TABLE kept (v {sql_type})")).unwrap();
            for text in *texts {
                let told = mistakes(&[("tags", &constant(sql_type, text))]).is_some();
                let stored = stored(&mut client, text);
                let kept = stored
                    .as_ref()
                    .is_some_and(|stored| is_kept(&mut client, text, stored, sql_type));
                if !told && !kept {
                    writeln!(
                        wrong,
                        "{sql_type} `{text}` is planned, and PostgreSQL has {stored:?}"
                    )
                    .unwrap();
                }
                if told && kept && !SKIPPED.contains(text) {
                    writeln!(wrong, "{sql_type} `{text}` is refused, and PostgreSQL keeps it")
                        .unwrap();
                }
            }
            client.batch_execute("DROP TABLE kept").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What PostgreSQL keeps, and definitions are not to write.
const SKIPPED: &[&str] = &["P", "PT", "P1"];

/// Copies a text into the column, as loading does; returns what PostgreSQL has of it.
fn stored(client: &mut Client, text: &str) -> Option<String> {
    use std::io::Write;
    let mut transaction = client.transaction().unwrap();
    let mut writer = transaction.copy_in("COPY kept FROM STDIN").unwrap();
    let escaped = text.replace('\\', "\\\\");
    let sent = writer.write_all(format!("{escaped}\n").as_bytes());
    sent.and_then(|()| writer.finish().map_err(std::io::Error::other)).ok()?;
    transaction.query_one("SELECT v::text FROM kept", &[]).ok().map(|row| row.get(0))
}

/// Tells whether a column keeps all of a text: what it has is what its type without modifiers makes of the text.
fn is_kept(client: &mut Client, text: &str, stored: &str, sql_type: &str) -> bool {
    let bare = sql_type.split('(').next().unwrap();
    let array = format!("{bare}[]");
    let bare = match bare {
        _ if sql_type.ends_with("[]") => {
            let sql = format!("SELECT $1::text::{array} = $2::text::{array}");
            return client.query_one(&sql, &[&text, &stored]).is_ok_and(|row| row.get(0));
        }
        "char" | "varchar" | "name" => return text == stored,
        "bit" | "bit varying" => return true,
        bare if bare.starts_with("interval") => "interval",
        "numeric" => {
            let sql = "SELECT $1::text::numeric = $2::text::numeric";
            return client.query_one(sql, &[&text, &stored]).is_ok_and(|row| row.get(0));
        }
        bare => bare,
    };
    let same = format!("SELECT $1::text::{bare}::text = $2::text::{bare}::text");
    let unlimited = client.query_one(&same, &[&text, &stored]);
    unlimited.is_ok_and(|row| row.get::<_, Option<bool>>(0) == Some(true))
}

#[test]
fn choices_that_are_equal_for_postgresql_are_told_in_unique_fields() {
    let data = database();
    let mut client = data.client();
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS citext").unwrap();
    for (sql_type, texts) in [
        ("citext", &["Ada", "ADA", "Bob"][..]),
        ("jsonb", &["{\"a\": 1, \"b\": 2}", "{\"b\":2,\"a\":1.0}", "{}"]),
        ("time", &["10:00", "10:00:00", "10:00:01"]),
        ("interval", &["1 day", "24:00", "1 month", "30 days", "1 hour"]),
        ("inet", &["192.0.2.1", "192.0.2.1/32", "192.0.2.1/24", "::1", "0::1"]),
        ("cidr", &["10", "10.0.0.0/8", "10.1", "10.1.0.0/16"]),
        ("bit(4)", &["0101", "x5", "1111"]),
        ("bpchar", &["a", "a ", "b"]),
        ("timetz", &["10:00+00", "10:00Z", "11:00+01"]),
        ("numeric", &["1", "1.0", "2"]),
        ("text", &["a", "a ", "A"]),
        ("varchar(3)", &["a", "a ", "A"]),
    ] {
        let texts: Vec<&str> = texts.to_vec();
        let sql = format!("SELECT count(DISTINCT v::{sql_type}) FROM unnest($1::text[]) AS v");
        let different: i64 = client.query_one(&sql, &[&texts]).unwrap().get(0);
        let told = mistakes(&[("tags", &choices(sql_type, &texts))]).unwrap_or_default();
        let told_count = told.matches("equals an earlier one").count()
            + told.matches("stands here twice").count();
        assert_eq!(
            told_count,
            texts.len() - usize::try_from(different).unwrap(),
            "{sql_type}: {told}"
        );
        if told_count > 0 {
            assert!(told.contains("--> tags.yaml:"), "{told}");
        }
    }
}

/// Types of which every pair is tried as a key and what it references.
const KEY_TYPES: &[&str] = &[
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(9,2)",
    "money",
    "boolean",
    "text",
    "citext",
    "name",
    "varchar(10)",
    "char(3)",
    "bytea",
    "bit(3)",
    "bit varying",
    "date",
    "time",
    "timetz",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "json",
    "jsonb",
    "xml",
    "tsvector",
    "point",
    "box",
    "oid",
    "pg_lsn",
    "int4range",
    "int8range",
    "integer[]",
    "bigint[]",
    "text[]",
    "varchar(3)[]",
];

#[test]
fn keys_are_of_types_that_postgresql_takes_for_keys() {
    let data = database();
    let mut client = data.client();
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS citext").unwrap();
    let mut wrong = String::new();
    for parent in KEY_TYPES {
        let field =
            format!("    - {{ name: v, type: '{parent}', unique: true, generator: 'null' }}\n");
        let made = client.batch_execute(&format!("CREATE TABLE parent (v {parent} UNIQUE)"));
        let told = mistakes(&[("parent", &field)]);
        if made.is_ok() == told.is_some() {
            writeln!(wrong, "unique {parent}: {made:?}, {told:?}").unwrap();
        }
        if made.is_err() {
            continue;
        }
        for child in KEY_TYPES {
            // As loading does it.
            let made = client.batch_execute(&format!(
                "CREATE TABLE child (v {child}); ALTER TABLE child ADD FOREIGN KEY (v) REFERENCES parent (v)"
            ));
            let key = format!(
                "    - {{ name: v, type: '{child}', generator: reference, null_probability: 0.5 }}\n  \
                 relationships:\n    - {{ foreignKey: v, references: parent.v }}\n"
            );
            let told = mistakes(&[("parent", &field), ("child", &key)]).unwrap_or_default();
            let told = told.contains("which it references, is");
            if made.is_ok() == told {
                writeln!(wrong, "{child} references {parent}: {made:?}").unwrap();
            }
            client.batch_execute("DROP TABLE IF EXISTS child").unwrap();
        }
        client.batch_execute("DROP TABLE parent").unwrap();
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn failure(project: &Project, dataset: &str) -> String {
    let request = TestData::request([dataset]).project(project.path()).isolation(Isolation::Full);
    request.provision().unwrap_err().to_string()
}

#[test]
fn nul_is_told_wherever_a_definition_has_it() {
    for (at, line) in [
        ("7:", "    - { name: v, type: text, generator: constant, value: \"a\\0b\" }\n"),
        ("7:", "    - { name: v, type: text, generator: pattern, pattern: \"\\x00{{index}}\" }\n"),
        ("7:", "    - { name: v, type: text, generator: choice, choices: [a, \"\\u0000\"] }\n"),
        ("8:", "  validation:\n    - { constraint: \"id > 0 -- \\0\" }\n"),
        ("8:", "  masking_rules:\n    - { field: id, rule: redact, with: \"\\0\" }\n"),
        ("7:", "    - { name: v, type: text, generator: constant, value: a\0b }\n"),
    ] {
        let told = mistakes(&[("tags", line)]).unwrap();
        let at = at
            .replace("7:", "8:")
            .replace("8:", if line.starts_with("    -") { "8:" } else { "9:" });
        assert!(told.contains("NUL") && told.contains(&format!("--> tags.yaml:{at}")), "{told}");
    }
}

#[test]
fn what_the_server_refuses_while_loading_has_dataset_row_and_column() {
    let migrations = (
        "migrations/1.sql",
        "CREATE DOMAIN small AS integer CHECK (VALUE < 5);\n\
        CREATE TABLE others (id integer PRIMARY KEY, v integer[] UNIQUE);\n\
        CREATE TABLE late (id integer PRIMARY KEY, v integer[] UNIQUE DEFERRABLE INITIALLY DEFERRED);",
    );
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let field = |field: &str| format!("  fields:\n{ID}    - {{ name: v, {field} }}\n");
    let twice =
        "type: 'integer[]', generator: choice, choices: ['{1}', '{ 1 }'] }\n  volume: { count: 2";
    let project = Project::with(&[settings, migrations])
        .define("tags", &field("type: small, generator: sequence"))
        .define("nets", &field("type: macaddr, generator: constant, value: secret"))
        .define("others", &field(twice))
        .define("late", &field(twice));
    let told = failure(&project, "tags");
    assert!(
        told.contains("`tags`") && told.contains("column v") && told.contains("row index 4"),
        "{told}"
    );
    let told = failure(&project, "nets");
    assert!(
        told.contains("`nets`") && told.contains("column v") && told.contains("row index 0"),
        "{told}"
    );
    assert!(!told.contains("secret"), "{told}");
    let told = failure(&project, "others");
    assert!(
        told.contains("`others`") && told.contains("column v") && told.contains("row index 1"),
        "{told}"
    );
    // Where the check waits for the end of the load, there is no row any more.
    let told = failure(&project, "late");
    assert!(told.contains("`late`") && told.contains("column v"), "{told}");
}

#[test]
fn columns_that_postgresql_gives_every_table_are_told() {
    let data = database();
    for name in ["ctid", "xmin", "tableoid", "oid", "id2"] {
        let made = data.client().batch_execute(&format!("CREATE TABLE {name} ({name} integer)"));
        let field = format!("    - {{ name: {name}, type: integer, generator: sequence }}\n");
        assert_eq!(mistakes(&[("tags", &field)]).is_some(), made.is_err(), "{name}");
    }
}

#[test]
fn a_field_has_any_name_beside_the_numbers_of_rows() {
    let spec = "  fields:\n    - { name: tdata_row, type: integer, generator: sequence }\n  primary_key: tdata_row\n  \
        validation:\n    - { constraint: tdata_row <> 4 }\n";
    let project = Project::with(&[]).define("tags", spec);
    let told = failure(&project, "tags");
    assert!(
        told.contains("1 row violates `tdata_row <> 4`") && told.contains("row index 3"),
        "{told}"
    );
}

#[test]
fn a_condition_judges_each_row_and_ends_where_it_is_written() {
    let spec =
        |condition: &str| format!("{ID}  validation:\n    - constraint: {}\n", quoted(condition));
    for condition in
        ["id > 100) AND (id > 100", "true) IS FALSE) OR ((true", "true; SELECT 1", "id > 0 /*"]
    {
        let text = spec(condition).replacen(ID, "", 1);
        let told = mistakes(&[("tags", &text)]).unwrap();
        assert!(told.contains("the condition") && told.contains("--> tags.yaml:9:"), "{told}");
    }
    // As many as PostgreSQL cannot judge at once, all but one of which hold.
    let many: String = (0..2_000).map(|n| format!("    - constraint: id <> -{n}\n")).collect();
    let many = format!("  fields:\n{ID}  validation:\n{many}    - constraint: id <> 7 -- ')\n");
    let project = Project::with(&[]).define("tags", &many);
    let told = failure(&project, "tags");
    assert_eq!(told.matches("violates").count(), 1, "{told}");
    assert!(
        told.contains("1 row violates `id <> 7 -- ')`") && told.contains("row index 6"),
        "{told}"
    );
}

#[test]
fn groups_are_of_types_that_postgresql_compares() {
    // Rows differ by their index already, and PostgreSQL makes an index of both all the same.
    let field = |sql_type: &str| {
        format!(
            "    - {{ name: v, type: {sql_type}, generator: 'null' }}\n    \
             - {{ name: n, type: text, generator: pattern, pattern: 'n{{{{index}}}}' }}\n  unique: [[v, n]]\n"
        )
    };
    let told = mistakes(&[("tags", &field("path"))]).unwrap();
    assert!(told.contains("PostgreSQL keeps no path unique"), "{told}");
    assert_eq!(mistakes(&[("tags", &field("inet"))]), None);
}

#[test]
fn what_counts_may_be_null_and_nulls_within_a_value_are_none() {
    let migrations = ("migrations/1.sql", "CREATE TYPE place AS (name text, at date);");
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let spec = format!(
        "  fields:\n{ID}    - {{ name: n, type: integer, generator: sequence, null_probability: 0.5 }}\n    \
         - {{ name: v, type: place, generator: constant, value: '(,)' }}\n  primary_key: [id, v]\n  \
         validation:\n    - {{ constraint: NOT NULL (v) }}\n"
    );
    let project = Project::with(&[settings, migrations]).define("tags", &spec);
    let request = TestData::request(["tags"]).project(project.path()).isolation(Isolation::Full);
    let data = request.volume("tags", 20).provision().unwrap();
    let sql = "SELECT count(*), count(n) FROM tags WHERE v IS NULL";
    let row = data.client().query_one(sql, &[]).unwrap();
    let (all, numbered): (i64, i64) = (row.get(0), row.get(1));
    assert!(all == 20 && numbered > 0 && numbered < 20, "{numbered}");
}

#[test]
fn a_table_has_a_name_that_nothing_else_has() {
    let sql = "CREATE VIEW tags AS SELECT 1 AS id; CREATE TYPE mood AS ENUM ('glad'); CREATE SEQUENCE numbers;
        CREATE TABLE others (id int PRIMARY KEY);";
    let settings = ("tdata.toml", "migrations = \"migrations\"\n");
    let spec = format!("  fields:\n{ID}");
    let names = ["tags", "mood", "numbers", "others_pkey"];
    let empty = Project::with(&[settings, ("migrations/1.sql", sql)]).define("_mood", &spec);
    let project = names.iter().fold(empty, |project, name| project.define(name, &spec));
    for name in names {
        let told = failure(&project, name);
        assert!(
            told.contains(", and no table") && told.contains(&format!("{name}.yaml:5:10")),
            "{told}"
        );
    }
    // The array type makes room.
    let request = TestData::request(["_mood"]).project(project.path()).isolation(Isolation::Full);
    assert!(request.provision().is_ok());
}

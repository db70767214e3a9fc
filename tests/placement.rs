//! The shards of rows, with PostgreSQL's own hash partitions as the judge.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::collections::HashSet;
use std::io::Write as _;
use std::num::NonZeroU32;

use postgres::Client;
use project::Project;
use tdata::{Isolation, MaskKey, TestData};
use tdata_core::contract::Contract;
use tdata_core::definition::{Instant, Library};
use tdata_core::diagnostic::Source;
use tdata_core::placement::{HashForm, joined, place, shard_of};
use tdata_core::plan::{Catalog, plan};
use tdata_core::value::{Value, append_row};

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

/// An empty database.
fn database() -> TestData {
    let project = Project::with(&[]).define("empty", &format!("  fields:\n{ID}"));
    let request = TestData::request(["empty"]).project(project.path());
    request.isolation(Isolation::Full).provision().unwrap()
}

/// Puts rows into a table with so many hash partitions, and returns the partition of each.
fn partitions(client: &mut Client, columns: &[&str], rows: &[Vec<Value>], count: u32) -> Vec<u32> {
    let named: Vec<String> =
        columns.iter().enumerate().map(|(at, sql_type)| format!("v{at} {sql_type}")).collect();
    let key: Vec<String> = (0..columns.len()).map(|at| format!("v{at}")).collect();
    let (named, key) = (named.join(", "), key.join(", "));
    client
        .batch_execute(&format!(
            "DROP TABLE IF EXISTS judge; CREATE TABLE judge (place int, {named}) PARTITION BY HASH ({key})"
        ))
        .unwrap();
    for at in 0..count {
        let part = format!(
            "CREATE TABLE judge_{at} PARTITION OF judge FOR VALUES WITH (MODULUS {count}, REMAINDER {at})"
        );
        client.batch_execute(&part).unwrap();
    }
    let mut text = Vec::new();
    for (place, row) in (0..).zip(rows) {
        let row: Vec<Value> = [Value::Int(place)].into_iter().chain(row.iter().cloned()).collect();
        append_row(&row, &mut text);
    }
    let mut writer = client.copy_in("COPY judge FROM STDIN").unwrap();
    writer.write_all(&text).unwrap();
    writer.finish().unwrap();
    let asked = "SELECT substr(tableoid::regclass::text, 7)::int FROM judge ORDER BY place";
    let found = client.query(asked, &[]).unwrap();
    found.iter().map(|row| u32::try_from(row.get::<_, i32>(0)).unwrap()).collect()
}

/// Numbers that are the same each time, and small or large alike.
fn numbers() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = state ^ (state >> 29);
        mixed >> (mixed % 64)
    })
}

/// Values of a type: what is at its edges, and others.
fn values(sql_type: &str) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let signed = |number: u64| {
        if number.is_multiple_of(2) { (number / 2) as i64 } else { -((number / 2) as i64) }
    };
    let words = || numbers().take(300);
    match sql_type {
        "boolean" => vec![Value::Bool(true), Value::Bool(false)],
        "smallint" => (-300..300).map(|number| Value::Int(number * 109)).collect(),
        "integer" => words().map(|number| Value::Int(signed(number) as i32 as i64)).collect(),
        "bigint" => {
            let edges = [i64::MIN, i64::MAX, 0, -1, 1 << 32, -(1 << 32)];
            edges.into_iter().chain(words().map(signed)).map(Value::Int).collect()
        }
        "numeric" => {
            let scales = (0..19).cycle();
            let mixed = words().zip(scales);
            let decimal =
                |(number, scale): (u64, u8)| Value::Decimal { unscaled: signed(number), scale };
            mixed.map(decimal).chain([0, 10_000, -100_000_000].map(Value::Int)).collect()
        }
        "numeric(15,2)" => {
            let decimal = |number: u64| Value::Decimal {
                unscaled: signed(number % 1_000_000_000_000),
                scale: 4,
            };
            let halves = [50, -50, 150, 49, 9_999_950];
            let halves = halves.map(|unscaled| Value::Decimal { unscaled, scale: 4 });
            words().map(decimal).chain(halves).collect()
        }
        "numeric(12,-3)" => {
            words().map(|number| Value::Int(signed(number % 1_000_000_000))).collect()
        }
        "real" | "double precision" => {
            let mixed = words().zip((0..19).cycle());
            let decimal =
                |(number, scale): (u64, u8)| Value::Decimal { unscaled: signed(number), scale };
            mixed.map(decimal).chain([Value::Int(0), Value::Float(-0.0)]).collect()
        }
        "text" | "varchar(40)" | "char(40)" => {
            let plain = words().map(|number| text(&format!("{number:x}")));
            let sentence = "grün und blau, so lang es geht, und länger";
            let long = (0..40).map(|length| Value::Text(sentence.chars().take(length).collect()));
            let others = [Value::Int(-7), Value::Uuid(7), Value::Date(19_782), Value::Bool(true)];
            plain.chain(long).chain(others).chain([text(""), text("blanks  ")]).collect()
        }
        "date" => {
            let days = words().map(|number| Value::Date(signed(number % 1_000_000) as i32));
            days.chain([Value::Timestamp(Instant::from_micros(-1))]).collect()
        }
        "timestamp" | "timestamptz" | "timestamp(0)" | "timestamptz(3)" => {
            let instant = |number: u64| {
                Value::Timestamp(Instant::from_micros(signed(number % 10_000_000_000_000_000)))
            };
            let half = 946_684_800_000_000 - 500_000;
            words().map(instant).chain([Value::Timestamp(Instant::from_micros(half))]).collect()
        }
        "uuid" => words().map(|number| Value::Uuid(u128::from(number) << 64 | 5)).collect(),
        "inet" => {
            let address = |number: u64| {
                let [a, b, c, d, ..] = number.to_le_bytes();
                [text(&format!("{a}.{b}.{c}.{d}")), text(&format!("2001:db8:{a:x}{b:x}::{c:x}/64"))]
            };
            words().flat_map(address).collect()
        }
        other => panic!("no values of {other}"),
    }
}

const TYPES: &[&str] = &[
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(15,2)",
    "numeric(12,-3)",
    "real",
    "double precision",
    "text",
    "varchar(40)",
    "char(40)",
    "date",
    "timestamp",
    "timestamptz",
    "timestamp(0)",
    "timestamptz(3)",
    "uuid",
    "inet",
];

#[test]
fn values_of_each_type_are_where_postgresql_puts_them() {
    let data = database();
    let mut client = data.client();
    client.batch_execute("SET timezone = 'UTC'").unwrap();
    let version: i32 =
        client.query_one("SELECT current_setting('server_version_num')::int", &[]).unwrap().get(0);
    for sql_type in TYPES.iter().filter(|name| version >= 150_000 || **name != "numeric(12,-3)") {
        let form = HashForm::of(&sql_type.parse().unwrap()).unwrap();
        let rows: Vec<Vec<Value>> = values(sql_type).into_iter().map(|value| vec![value]).collect();
        let found = partitions(&mut client, &[sql_type], &rows, 13);
        for (row, partition) in rows.iter().zip(found) {
            let own = shard_of(joined(0, form.hash(&row[0]).unwrap()), 13);
            assert_eq!(own, partition, "{sql_type}: {}", row[0]);
        }
    }
}

#[test]
fn keys_of_several_columns_are_where_postgresql_puts_them() {
    let data = database();
    let mut client = data.client();
    let columns = ["integer", "text", "uuid"];
    let forms = columns.map(|name| HashForm::of(&name.parse().unwrap()).unwrap());
    let parts = columns.map(values);
    let mut numbers = numbers();
    let mut any = |values: &Vec<Value>| {
        let number = numbers.next().unwrap() as usize;
        if number.is_multiple_of(5) { Value::Null } else { values[number % values.len()].clone() }
    };
    let rows: Vec<Vec<Value>> = (0..500).map(|_| parts.iter().map(&mut any).collect()).collect();
    for count in [1, 2, 16] {
        let found = partitions(&mut client, &columns, &rows, count);
        for (row, partition) in rows.iter().zip(found) {
            let hashes = forms.iter().zip(row).filter_map(|(form, value)| form.hash(value));
            assert_eq!(shard_of(hashes.fold(0, joined), count), partition, "{row:?}");
        }
    }
}

#[test]
fn rows_of_a_plan_are_where_postgresql_puts_them() {
    let fields = format!(
        "{ID}    - {{ name: name, type: 'varchar(80)', generator: full_name }}\n    - {{ name: born, type: date, generator: date_of_birth }}\n    - {{ name: paid, type: 'numeric(9,2)', generator: random_decimal, null_probability: 0.2 }}\n    - {{ name: at, type: timestamptz, generator: datetime_between }}\n    - {{ name: token, type: uuid, generator: uuid }}\n    - {{ name: seen, type: inet, generator: ip_address }}\n"
    );
    let data = database();
    let mut client = data.client();
    client.batch_execute("SET timezone = 'UTC'").unwrap();
    for key in ["name", "born", "paid", "at", "token", "seen", "[id, paid, name]"] {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: people }}\nspec:\n  \
             table: people\n  volume: {{ count: 100 }}\n  shard_key: {key}\n  fields:\n{fields}"
        );
        let mut library = Library::default();
        library.insert(Source::new("people.yaml", text), "people", None);
        let contract = Contract::new(["people"], Instant::from_micros(1_714_521_600_000_000));
        let plan = plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap();
        let placement = place(&plan, &Catalog::default(), NonZeroU32::new(5).unwrap()).unwrap();
        let people = &plan.datasets[0];
        let (mut blocks, mut shards) = (Vec::new(), Vec::new());
        people.fill(0..people.rows, &mut blocks);
        placement.shards_of(0, 0..people.rows, &blocks, &mut shards).unwrap();
        let names: Vec<&str> = key.trim_matches(['[', ']']).split(", ").collect();
        let field =
            |name: &&str| people.fields.iter().position(|field| field.name == **name).unwrap();
        let places: Vec<usize> = names.iter().map(field).collect();
        let types: Vec<String> =
            places.iter().map(|place| people.fields[*place].sql_type.to_string()).collect();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        let row = |row: usize| places.iter().map(|place| blocks[*place].value(row)).collect();
        let rows: Vec<Vec<Value>> = (0..shards.len()).map(row).collect();
        assert_eq!(shards, partitions(&mut client, &types, &rows, 5), "{key}");
        assert_eq!(shards.iter().collect::<HashSet<_>>().len(), 5, "{key}");
    }
}

//! The laws of generation, over whole plans: of the example shop, and of small projects that
//! chance makes.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod shop;

use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

use proptest::prelude::*;
use proptest::sample::subsequence;
use tdata_core::contract::{Contract, Isolation, Scope, Volume};
use tdata_core::definition::{Instant, Library, MICROS_PER_DAY};
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, DatasetPlan, Fingerprint, Plan, fingerprint, plan};
use tdata_core::rows::Stored;
use tdata_core::sql::SqlKind;
use tdata_core::value::{Block, Value};

use shop::{SHOP, as_of, contract, library, planned};

/// Fields of all sorts, for projects that chance makes.
const FIELDS: [&str; 14] = [
    "type: integer, generator: random_int, min: -500, max: 500",
    "type: integer, generator: random_int, min: 1, max: 300, unique: true",
    "type: varchar(60), generator: email, unique: true, masking: true",
    "type: varchar(30), generator: email",
    "type: text, generator: full_name, masking: true",
    "type: 'decimal(10,2)', generator: random_decimal, max: 99, distribution: normal",
    "type: varchar(10), generator: choice, choices: [a, b, c], weights: [1, 2, 3]",
    "type: timestamp, generator: datetime_between, start_date: -30d",
    "type: date, generator: date_of_birth, masking: true",
    "type: text, generator: sentence, null_probability: 0.5",
    "type: uuid, generator: uuid",
    "type: text, generator: pattern, pattern: 'P-{{index}}-{{digits:3}}'",
    "type: varchar(8), generator: pattern, pattern: '{{digits:3}}', unique: true, null_probability: 0.2",
    "type: inet, generator: ip_address, masking: true",
];

/// Asks for datasets with a seed.
fn seeded<'a>(datasets: impl IntoIterator<Item = &'a str>, seed: u64) -> Contract {
    Contract { seed, ..contract(datasets) }
}

/// Which of [`FIELDS`] the parents and the children of a small project have, in which order.
#[derive(Clone, Debug)]
struct Small {
    parents: Vec<usize>,
    children: Vec<usize>,
}

fn small() -> impl Strategy<Value = Small> {
    let fields = || subsequence((0..FIELDS.len()).collect::<Vec<_>>(), 0..=6).prop_shuffle();
    (fields(), fields()).prop_map(|(parents, children)| Small { parents, children })
}

impl Small {
    /// Children reference a masked email, and parents in a circle an ancestor or nothing.
    fn library(&self) -> Library {
        let spec = |own: &str, fields: &[usize]| {
            let mut spec = "  volume: { count: 200 }\n  fields:\n".to_owned();
            for field in fields {
                writeln!(spec, "    - {{ name: f{field}, {} }}", FIELDS[*field]).unwrap();
            }
            spec + own
        };
        let parents = "    - { name: mail, type: text, generator: email, masking: true }
    - { name: parent, type: text, generator: reference, reference_table: parents, reference_field: mail, null_probability: 0.5 }
";
        let children = "    - { name: id, type: integer, generator: sequence, start: 100 }
    - { name: first, type: text, generator: reference, reference_table: parents, reference_field: mail }
    - { name: second, type: text, generator: reference, reference_table: parents, reference_field: mail, distribution: zipf, null_probability: 0.2 }
";
        library(&[
            ("parents", &spec(parents, &self.parents)),
            ("children", &spec(children, &self.children)),
        ])
    }

    fn plan(&self, contract: &Contract) -> Plan {
        planned(contract, &self.library()).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }
}

fn rows(dataset: &DatasetPlan, range: Range<u64>) -> Vec<Vec<Value>> {
    range
        .map(|row| {
            let mut values = Vec::new();
            dataset.write_row(row, &mut values);
            values
        })
        .collect()
}

/// The first values of a field.
fn cells(plan: &Plan, dataset: &str, field: &str, rows: u64) -> Vec<Value> {
    let cells = &plan.dataset(dataset).unwrap().field(field).unwrap().cells;
    (0..rows)
        .map(|row| {
            let mut value = Value::Null;
            cells.write(row, &mut value);
            value
        })
        .collect()
}

fn shop_plan(volume: Option<Volume>) -> Plan {
    let mut contract = contract(SHOP);
    contract.volumes.every = volume;
    planned(&contract, &shop::shop()).unwrap()
}

/// Any part of the rows, made alone, in any order, on any thread and into used memory, is the same
/// part of the whole.
fn assert_parts_are_the_whole(plan: &Plan, part: &Range<u64>) {
    for dataset in &plan.datasets {
        let whole = rows(dataset, 0..dataset.rows);
        let part = part.start.min(dataset.rows)..part.end.min(dataset.rows);
        let slice = &whole[part.start as usize..part.end as usize];
        assert_eq!(rows(dataset, part.clone()), slice, "{}", dataset.name);
        let mut blocks = vec![Block::new()];
        for part in [part.clone(), 0..dataset.rows, part.clone()] {
            dataset.fill(part.clone(), &mut blocks);
            for (at, row) in part.enumerate() {
                let values: Vec<Value> = blocks.iter().map(|block| block.value(at)).collect();
                assert_eq!(values, whole[row as usize], "{} {row}", dataset.name);
            }
        }
        let mut used = Vec::new();
        for row in part.clone().rev() {
            dataset.write_row(row, &mut used);
            assert_eq!(used, whole[row as usize], "{} {row}", dataset.name);
        }
        let threads = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|thread| {
                    let mine = (0..dataset.rows).filter(move |row| row % 3 == thread);
                    scope.spawn(move || {
                        mine.map(|row| (row, rows(dataset, row..row + 1).remove(0)))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        for (row, values) in threads {
            assert_eq!(values, whole[row as usize], "{} {row}", dataset.name);
        }
    }
}

/// Every foreign key holds a value of a row that is there, after masking, or null.
fn assert_references_resolve(plan: &Plan) {
    for dataset in &plan.datasets {
        for key in &dataset.foreign_keys {
            let parent = plan.dataset(&key.dataset).unwrap();
            let referenced = cells(plan, &key.dataset, &key.referenced_fields[0], parent.rows);
            let referenced: HashSet<String> = referenced.iter().map(Value::to_string).collect();
            for value in cells(plan, &dataset.name, &key.fields[0], dataset.rows) {
                let nullable = dataset.field(&key.fields[0]).unwrap().nullable;
                let resolves = referenced.contains(&value.to_string());
                assert!(
                    resolves || nullable && value.is_null(),
                    "{} {:?}",
                    dataset.name,
                    key.fields
                );
            }
        }
    }
}

/// No two rows have the same value in a unique field, nulls aside.
fn assert_unique_fields_are(plan: &Plan) {
    for dataset in &plan.datasets {
        for field in dataset.fields.iter().filter(|field| field.unique) {
            let mut seen = HashSet::new();
            for value in cells(plan, &dataset.name, &field.name, dataset.rows) {
                let fresh = value.is_null() || seen.insert(value.to_string());
                assert!(fresh, "{}.{} twice", dataset.name, field.name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_part_is_the_same_part_of_the_whole(
        small in small(), seed: u64, rows in 0u64..60, start in 0u64..60, length in 0u64..60,
    ) {
        let contract = seeded(["children"], seed).volume("children", rows).volume("parents", 20);
        let plan = small.plan(&contract);
        assert_parts_are_the_whole(&plan, &(start..start + length));
        assert_references_resolve(&plan);
    }

    #[test]
    fn fields_and_datasets_that_come_and_go_change_no_other(one in small(), other in small(), seed: u64) {
        let contract = seeded(["children"], seed).volume("children", 30).volume("parents", 10);
        let (one, other) = (one.plan(&contract), other.plan(&contract));
        for dataset in &one.datasets {
            for field in &dataset.fields {
                if other.dataset(&dataset.name).unwrap().field(&field.name).is_some() {
                    let cells = |plan| cells(plan, &dataset.name, &field.name, dataset.rows);
                    prop_assert_eq!(cells(&one), cells(&other), "{}.{}", dataset.name, field.name);
                }
            }
        }
    }

    #[test]
    fn more_rows_leave_the_rows_there_were(small in small(), few in 1u64..50, many in 50u64..200) {
        let plan = |rows| {
            small.plan(&contract(["children"]).volume("children", rows).volume("parents", 10))
        };
        let (one, other) = (plan(few), plan(many));
        for dataset in &one.datasets {
            let most = dataset.rows.min(few);
            prop_assert_eq!(
                rows(dataset, 0..most),
                rows(other.dataset(&dataset.name).unwrap(), 0..most)
            );
        }
    }

    #[test]
    fn unique_fields_are_unique_after_masking_too(small in small(), seed: u64) {
        let mut contract = seeded(["children"], seed);
        contract.volumes.every = Some(Volume::Full);
        assert_unique_fields_are(&small.plan(&contract));
    }

    #[test]
    fn the_same_fingerprint_has_the_same_bytes(small in small(), seed: u64, full: bool) {
        let mut one = seeded(["children", "parents"], seed);
        let mut other = Contract {
            scope: Scope::Shared,
            isolation: Isolation::Schema,
            writable: true,
            ..seeded(["parents", "children"], seed)
        };
        if full {
            one.volumes.every = Some(Volume::Full);
            other = other.volume("children", 200).volume("parents", 200);
        } else {
            other.volumes.every = Some(Volume::Rows(100));
        }
        let library = small.library();
        prop_assert_eq!(print(&one, &library), print(&other, &library));
        let (one, other) = (small.plan(&one), small.plan(&other));
        for dataset in &one.datasets {
            let other = other.dataset(&dataset.name).unwrap();
            prop_assert_eq!(dataset.rows, other.rows);
            prop_assert_eq!(rows(dataset, 0..dataset.rows), rows(other, 0..dataset.rows));
        }
    }
}

#[test]
fn any_part_of_the_shop_is_the_same_part_of_the_whole() {
    assert_parts_are_the_whole(&shop_plan(None), &(17..61));
}

#[test]
fn every_reference_of_the_shop_resolves() {
    assert_references_resolve(&shop_plan(Some(Volume::Rows(500))));
}

#[test]
fn more_rows_of_the_shop_leave_all_but_the_references() {
    let (few, many) = (shop_plan(Some(Volume::Rows(10))), shop_plan(Some(Volume::Full)));
    for dataset in &few.datasets {
        for field in dataset.fields.iter().filter(|field| field.generator != "reference") {
            let cells = |plan| cells(plan, &dataset.name, &field.name, 10);
            assert_eq!(cells(&few), cells(&many), "{}.{}", dataset.name, field.name);
        }
    }
}

#[test]
fn unique_fields_of_the_whole_shop_are_unique_after_masking_too() {
    let plan = shop_plan(Some(Volume::Full));
    assert!(plan.dataset("users").unwrap().rows >= 10_000);
    assert_unique_fields_are(&plan);
}

#[test]
fn a_reference_needs_no_row_of_its_parent() {
    let parents = "  fields:
    - { name: id, type: bigint, generator: sequence }
    - { name: mail, type: text, generator: uuid, masking: true, pii_category: ssn }
";
    let children = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: parent_id, type: bigint, generator: reference, reference_table: parents, reference_field: id }
    - { name: mail, type: text, generator: reference, reference_table: parents, reference_field: mail, distribution: zipf }
";
    let library = library(&[("parents", parents), ("children", children)]);
    // Rows that no machine would make in a lifetime.
    let many = 1_000_000_000_000_000;
    let plan = planned(&contract(["children"]).volume("parents", many), &library).unwrap();
    for value in cells(&plan, "children", "parent_id", 100) {
        assert!(matches!(value, Value::Int(id) if (1..=many as i64).contains(&id)), "{value}");
    }
    assert!(cells(&plan, "children", "mail", 100).iter().all(|mail| mail.to_string().len() == 64));
}

#[test]
fn the_seed_and_the_as_of_time_change_the_data() {
    let library = shop::shop();
    let users = |contract: &Contract| {
        let plan = planned(contract, &library).unwrap();
        rows(plan.dataset("users").unwrap(), 0..20)
    };
    let one = users(&contract(["users"]));
    assert_eq!(users(&seeded(["users"], 42)), one);
    assert_ne!(users(&seeded(["users"], 43)), one);
    let mut later = contract(["users"]);
    later.as_of = "2025-05-01".parse().unwrap();
    assert_ne!(users(&later), one);
}

#[test]
fn nothing_in_the_shop_exceeds_the_as_of_time() {
    let plan = shop_plan(Some(Volume::Rows(1_000)));
    let mut seen = 0;
    for dataset in &plan.datasets {
        for field in &dataset.fields {
            let moments = [SqlKind::Date, SqlKind::Timestamp, SqlKind::TimestampTz];
            if !moments.contains(&field.sql_type.kind()) {
                continue;
            }
            for value in cells(&plan, &dataset.name, &field.name, dataset.rows) {
                let instant = match value {
                    Value::Null => continue,
                    Value::Date(days) => Instant::from_micros(i64::from(days) * MICROS_PER_DAY),
                    Value::Timestamp(instant) => instant,
                    other => panic!("{}.{}: {other:?}", dataset.name, field.name),
                };
                assert!(instant <= as_of(), "{}.{}: {instant}", dataset.name, field.name);
                seen += 1;
            }
        }
    }
    assert!(seen > 5_000, "{seen}");
}

fn print(contract: &Contract, library: &Library) -> Fingerprint {
    print_with(contract, library, &MaskKey::development(), "")
}

fn print_with(contract: &Contract, library: &Library, key: &MaskKey, schema: &str) -> Fingerprint {
    let specs = library.closure(contract.datasets.iter().map(String::as_str)).unwrap();
    fingerprint(contract, &specs, library, &Stored::new(), key, schema)
}

#[test]
fn every_input_of_the_data_changes_the_fingerprint() {
    let library = shop::shop();
    let usual = contract(["users"]);
    let mut prints = vec![
        print(&usual, &library),
        print(&seeded(["users"], 43), &library),
        print(&usual.clone().volume("users", 7), &library),
        print(&usual.clone().volume("accounts", 7), &library),
        print(&contract(["orders"]), &library),
        print_with(&usual, &library, &MaskKey::new("another"), ""),
        print_with(&usual, &library, &MaskKey::development(), "CREATE TABLE users"),
    ];
    let mut later = usual.clone();
    later.as_of = "2024-05-02".parse().unwrap();
    prints.push(print(&later, &library));
    // Times that no calendar writes down differ all the same.
    for micros in [i64::MAX - 1, i64::MAX] {
        later.as_of = Instant::from_micros(micros);
        prints.push(print(&later, &library));
    }
    let mut unmasked = usual.clone();
    unmasked.apply_masking = false;
    prints.push(print(&unmasked, &library));
    let mut full = usual.clone();
    full.volumes.every = Some(Volume::Full);
    prints.push(print(&full, &library));
    for dataset in ["users", "accounts"] {
        let mut changed = library.clone();
        let definition = library.definition(dataset).unwrap();
        let text = definition.source.text().replace("type: integer", "type: bigint");
        assert_ne!(text, definition.source.text());
        changed.insert(Source::new(definition.source.name(), text), dataset, None);
        prints.push(print(&usual, &changed));
    }
    let different: HashSet<&Fingerprint> = prints.iter().collect();
    assert_eq!(different.len(), prints.len());
    let mut commented = library.clone();
    let text = format!("# Who buys.\n{}", library.definition("users").unwrap().source.text());
    commented.insert(Source::new("users.yaml", text), "users", None);
    assert_eq!(print(&usual, &commented), prints[0], "a comment makes no other rows");
    assert!(prints.iter().all(|print| print.to_string().len() == 32));
}

#[test]
fn who_uses_the_data_and_how_it_is_asked_for_changes_no_fingerprint() {
    let library = shop::shop();
    let usual = contract(["users", "orders"]);
    for same in [
        contract(["orders", "users"]),
        contract(["orders"]),
        Contract { scope: Scope::Shared, ..usual.clone() },
        Contract { isolation: Isolation::Transaction, ..usual.clone() },
        usual.clone().volume("users", 100),
        Contract { writable: true, ..usual.clone() },
    ] {
        assert_eq!(print(&same, &library), print(&usual, &library), "{same}");
    }
    // Without masking, the key makes no difference.
    let mut unmasked = usual;
    unmasked.apply_masking = false;
    let another = print_with(&unmasked, &library, &MaskKey::new("another"), "");
    assert_eq!(another, print(&unmasked, &library));
}

#[test]
fn the_masking_key_changes_masked_values_alone() {
    let library = shop::shop();
    let plan =
        |key: &MaskKey| plan(&contract(["users"]), &library, key, &Catalog::default()).unwrap();
    let (one, other) = (plan(&MaskKey::development()), plan(&MaskKey::new("another")));
    for dataset in &one.datasets {
        for field in &dataset.fields {
            let cells = |plan| cells(plan, &dataset.name, &field.name, 20);
            if field.mask.is_none() {
                assert_eq!(cells(&one), cells(&other), "{}.{}", dataset.name, field.name);
            }
        }
    }
    let emails = |plan| cells(plan, "users", "email", 20);
    assert_ne!(emails(&one), emails(&other));
}

#[test]
fn the_first_rows_of_the_shop_stay_what_they_are() {
    let plan = shop_plan(None);
    let mut golden = String::new();
    for dataset in SHOP.iter().map(|name| plan.dataset(name).unwrap()) {
        writeln!(golden, "# {}", dataset.name).unwrap();
        for (row, values) in rows(dataset, 0..3).iter().enumerate() {
            writeln!(golden, "row {row}").unwrap();
            for (field, value) in dataset.fields.iter().zip(values) {
                let value = if value.is_null() { "NULL".to_owned() } else { value.to_string() };
                writeln!(golden, "  {}: {value}", field.name).unwrap();
            }
        }
    }
    insta::assert_snapshot!("shop", golden);
}

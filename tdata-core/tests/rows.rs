//! Rows from a store, and generated ones behind them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashSet;
use std::sync::Arc;

use proptest::prelude::*;
use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;
use tdata_core::diagnostic::{Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, fingerprint, plan, plan_stored};
use tdata_core::rows::{Stored, StoredRows, StoredRowsError};
use tdata_core::value::Value;

const FIELDS: &str = "
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: code, type: integer, generator: random_int, min: 1, max: 500, unique: true }
    - { name: email, type: varchar(40), generator: email, unique: true, masking: true, pii_category: email }
    - { name: note, type: text, generator: word, null_probability: 0.5 }";

const ORDERS: &str = "
  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: user_id, references: users.id }";

fn library(source: &str) -> Library {
    let mut library = Library::default();
    for (name, source, fields) in [("users", source, FIELDS), ("orders", "synthetic", ORDERS)] {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:\n  \
             table: {name}\n  source: {source}{fields}\n"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    library
}

fn contract(users: Option<u64>, orders: u64) -> Contract {
    let mut contract = Contract::new(["orders"], "2024-05-01".parse().unwrap());
    let volumes = &mut contract.volumes.by_dataset;
    volumes.insert("orders".into(), Volume::Rows(orders));
    if let Some(users) = users {
        volumes.insert("users".into(), Volume::Rows(users));
    }
    contract
}

fn user(id: i64, code: i64) -> Vec<Value> {
    let email = Value::Text(format!("user{id}@shop.test"));
    vec![Value::Int(id), Value::Int(code), email, Value::Null]
}

fn stored(rows: Vec<Vec<Value>>) -> Stored {
    let rows = StoredRows::new(["id", "code", "email", "note"], rows).unwrap();
    Stored::from([("users".to_owned(), Arc::new(rows))])
}

fn planned(source: &str, contract: &Contract, rows: Vec<Vec<Value>>) -> Result<Plan, Diagnostics> {
    let key = MaskKey::development();
    plan_stored(contract, &library(source), &stored(rows), &key, &Catalog::default())
}

fn rows(plan: &Plan, dataset: &str) -> Vec<Vec<Value>> {
    let source = &plan.dataset(dataset).unwrap().source;
    let mut row = Vec::new();
    (0..source.rows())
        .map(|index| {
            source.write_row(index, &mut row);
            row.clone()
        })
        .collect()
}

fn column(rows: &[Vec<Value>], at: usize) -> Vec<String> {
    rows.iter().map(|row| row[at].to_string()).collect()
}

#[test]
fn a_snapshot_is_its_stored_rows_and_nothing_else() {
    let users = vec![user(7, 70), user(3, 30), user(5, 50)];
    let plan = planned("snapshot", &contract(None, 200), users.clone()).unwrap();
    assert_eq!(rows(&plan, "users"), users);
    let referenced: HashSet<String> = column(&rows(&plan, "orders"), 1).into_iter().collect();
    assert_eq!(referenced, HashSet::from(["3", "5", "7"].map(str::to_owned)));

    let fewer = planned("masked_production", &contract(Some(2), 50), users.clone()).unwrap();
    assert_eq!(rows(&fewer, "users"), users[..2]);
}

#[test]
fn generated_rows_follow_stored_ones_and_count_on() {
    let users = vec![user(1, 70), user(2, 30), user(9, 50)];
    let plan = planned("hybrid", &contract(Some(10), 0), users.clone()).unwrap();
    let all = rows(&plan, "users");
    assert_eq!(all[..3], users);
    // Number 9 is taken.
    let numbers = column(&all, 0);
    assert_eq!(numbers, ["1", "2", "9", "4", "5", "6", "7", "8", "10", "11"]);
    // Their e-mail addresses are masked; the stored ones were.
    assert!(column(&all, 2)[3..].iter().all(|address| !address.ends_with("@shop.test")));

    let fewer = planned("hybrid", &contract(Some(2), 0), users.clone()).unwrap();
    assert_eq!(rows(&fewer, "users"), users[..2]);
}

#[test]
fn nothing_stored_is_as_if_there_were_no_store() {
    let contract = contract(Some(50), 50);
    let key = MaskKey::development();
    let plain = plan(&contract, &library("hybrid"), &key, &Catalog::default()).unwrap();
    let none = planned("hybrid", &contract, Vec::new()).unwrap();
    assert_eq!(rows(&plain, "users"), rows(&none, "users"));
    assert_eq!(rows(&plain, "orders"), rows(&none, "orders"));

    let empty = planned("snapshot", &self::contract(None, 0), Vec::new()).unwrap();
    assert_eq!(empty.dataset("users").unwrap().rows, 0);
}

#[test]
fn what_is_wrong_with_stored_rows_is_told_at_once_and_without_values() {
    let mut wrong = vec![user(7, 70), user(3, 30), user(7, 1)];
    wrong[0][1] = Value::Int(9_000_000_000);
    wrong[1][2] = Value::Text("a-very-long-address-indeed@personal.example.com".into());
    wrong[2][1] = Value::Null;
    wrong[1][0] = Value::Text("three".into());
    let contract = contract(None, 0);
    insta::assert_snapshot!("wrong_values", planned("snapshot", &contract, wrong).unwrap_err());

    let columns = StoredRows::new(["id", "code", "phone"], Vec::new()).unwrap();
    let stored = Stored::from([("users".to_owned(), Arc::new(columns))]);
    let key = MaskKey::development();
    let library = library("synthetic");
    let told = plan_stored(&contract, &library, &stored, &key, &Catalog::default()).unwrap_err();
    insta::assert_snapshot!("wrong_columns", told);

    let many = planned("snapshot", &self::contract(Some(3), 0), vec![user(1, 1)]).unwrap_err();
    insta::assert_snapshot!("too_many_rows", many);

    let full = planned("hybrid", &self::contract(Some(501), 0), vec![user(1, 7)]).unwrap_err();
    insta::assert_snapshot!("too_few_values", full);
}

#[test]
fn columns_and_values_must_be_as_many() {
    let twice = StoredRows::new(["id", "id"], Vec::new()).unwrap_err();
    assert_eq!(twice, StoredRowsError::Column("id".into()));
    assert_eq!(twice.to_string(), "the stored rows have two columns `id`");
    let wide = StoredRows::new(["id"], vec![vec![Value::Null], vec![Value::Null; 2]]).unwrap_err();
    assert_eq!(wide.to_string(), "the stored row of index 1 has 2 values for 1 column");
}

#[test]
fn what_is_shown_to_developers_has_no_value_either() {
    let plan = planned("snapshot", &contract(None, 0), vec![user(7, 70)]).unwrap();
    let shown = format!("{:?} {plan:?}", stored(vec![user(7, 70)]));
    assert!(shown.contains("StoredRows") && !shown.contains("shop.test"), "{shown}");
}

#[test]
fn the_fingerprint_covers_what_is_stored() {
    let (contract, key) = (contract(None, 0), MaskKey::development());
    let library = library("snapshot");
    let specs = library.closure(["orders"]).unwrap();
    let of = |stored: &Stored| fingerprint(&contract, &specs, &library, stored, &key, "");
    let one = of(&stored(vec![user(1, 1)]));
    assert_eq!(one, of(&stored(vec![user(1, 1)])));
    assert_ne!(one, of(&stored(vec![user(1, 2)])));
    assert_ne!(one, of(&stored(Vec::new())));
    assert_ne!(of(&stored(Vec::new())), of(&Stored::new()));
}

proptest! {
    /// Whatever is stored, no key repeats, each row is a function of its index, and all that is stored stays.
    #[test]
    fn no_key_repeats_behind_stored_rows(
        ids in proptest::collection::btree_set(-5i64..60, 0..30),
        codes in proptest::collection::btree_set(1i64..400, 30),
        more in 0u64..60,
    ) {
        let users: Vec<_> = ids.iter().zip(&codes).map(|(id, code)| user(*id, *code)).collect();
        let count = users.len() as u64 + more;
        prop_assume!(count > 0);
        let plan = planned("hybrid", &contract(Some(count), 20), users.clone()).unwrap();
        let all = rows(&plan, "users");
        prop_assert_eq!(&all[..users.len()], &users);
        for at in 0..3 {
            let distinct: HashSet<String> = column(&all, at).into_iter().collect();
            prop_assert_eq!(distinct.len() as u64, count);
        }
        let numbers: HashSet<String> = column(&all, 0).into_iter().collect();
        let orders = rows(&plan, "orders");
        prop_assert!(column(&orders, 1).iter().all(|user| numbers.contains(user)));
        // A row does not depend on how many follow.
        let longer = planned("hybrid", &contract(Some(count + 10), 0), users).unwrap();
        prop_assert_eq!(&rows(&longer, "users")[..all.len()], &all[..]);
    }
}

/// Plans so many rows of a table whose unique fields have few values, behind stored ones.
fn planned_few(stored: &[[&str; 4]], count: u64) -> Result<Plan, Diagnostics> {
    let text = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: few }
spec:
  source: hybrid
  table: few
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: label, type: text, generator: choice, choices: [a, b, c, d, e], unique: true }
    - { name: day, type: text, generator: choice, choices: [x, y] }
    - { name: part, type: text, generator: choice, choices: [p, q, r] }
  unique: [[day, part]]
";
    let mut library = Library::default();
    library.insert(Source::new("few.yaml", text), "few", None);
    let value = |(at, text): (usize, &&str)| match at {
        0 => Value::Int(text.parse().unwrap()),
        _ => Value::Text((*text).to_owned()),
    };
    let rows = stored.iter().map(|row| row.iter().enumerate().map(value).collect()).collect();
    let rows = StoredRows::new(["id", "label", "day", "part"], rows).unwrap();
    let stored = Stored::from([("few".to_owned(), Arc::new(rows))]);
    let contract = Contract::new(["few"], "2024-05-01".parse().unwrap()).volume("few", count);
    plan_stored(&contract, &library, &stored, &MaskKey::development(), &Catalog::default())
}

#[test]
fn all_values_that_are_left_stand_behind_stored_rows() {
    let all = [["1", "a", "x", "p"], ["2", "b", "y", "q"], ["7", "z", "x", "r"]];
    for stored in 0..=all.len() {
        let taken = all[..stored].iter().filter(|row| row[1] != "z").count() as u64;
        let most = stored as u64 + 5 - taken;
        // Six combinations of `day` and `part`, of which each stored row has one.
        let most = most.min(6);
        let mut before: Vec<Vec<Value>> = Vec::new();
        for count in stored as u64..=most {
            let plan = planned_few(&all[..stored], count).unwrap_or_else(|told| panic!("{told}"));
            let rows = rows(&plan, "few");
            assert_eq!(rows.len() as u64, count);
            let distinct = |columns: &[usize]| {
                let keys = rows
                    .iter()
                    .map(|row| columns.iter().map(|at| row[*at].to_string()).collect::<Vec<_>>());
                keys.collect::<HashSet<_>>().len() as u64
            };
            assert_eq!([distinct(&[0]), distinct(&[1]), distinct(&[2, 3])], [count; 3]);
            // A row does not depend on how many follow.
            assert_eq!(rows[..before.len()], before);
            before = rows;
        }
        let told = planned_few(&all[..stored], most + 1).unwrap_err().to_string();
        assert!(told.contains("plan::capacity"), "{told}");
    }
}

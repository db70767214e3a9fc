//! Keys of several fields, keys that share fields, groups that overlap, cycles: over whole plans.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

#[expect(dead_code, reason = "these tests need no example shop")]
mod shop;

use std::collections::HashSet;
use std::fmt::Write;
use std::ops::Range;

use proptest::prelude::*;
use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_core::value::Value;

use shop::{contract, library, planned};

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

/// Tenants, and users and products of these.
const TENANTS: &str = "  fields:
    - { name: id, type: integer, generator: sequence, start: 100 }
";

const OF_TENANTS: &str = "  fields:
    - { name: id, type: integer, generator: sequence }
  primary_key: [tenant_id, id]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
";

const ORDERS: &str = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: number, type: integer, generator: random_int, min: 1, max: 40 }
  primary_key: [tenant_id, id]
  unique:
    - [tenant_id, user_id, number]
    - [tenant_id, product_id, number]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] }, onDelete: cascade }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
";

const ITEMS: &str = "  fields:
    - { name: line, type: integer, generator: random_int, min: 1, max: 3 }
  primary_key: [tenant_id, order_id, line]
  relationships:
    - { foreignKey: [tenant_id, order_id], references: { orders: [tenant_id, id] } }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
";

fn tenants() -> Library {
    library(&[
        ("tenants", TENANTS),
        ("users", OF_TENANTS),
        ("products", OF_TENANTS),
        ("orders", ORDERS),
        ("items", ITEMS),
    ])
}

/// All rows of a dataset, some fields of each; those with a null are left out.
fn rows(dataset: &DatasetPlan, fields: &[String]) -> Vec<Vec<String>> {
    let places: Vec<usize> = fields
        .iter()
        .map(|name| dataset.fields.iter().position(|field| field.name == *name).unwrap())
        .collect();
    let mut row = Vec::new();
    let mut rows = Vec::new();
    for index in 0..dataset.rows {
        dataset.write_row(index, &mut row);
        if places.iter().all(|place| !row[*place].is_null()) {
            rows.push(places.iter().map(|place| row[*place].to_string()).collect());
        }
    }
    rows
}

/// Every key references a row there is, and all groups and primary keys are unique.
fn assert_holds(plan: &Plan) {
    assert_blocks_are_rows(plan, &(3..40));
    for dataset in &plan.datasets {
        for key in &dataset.foreign_keys {
            let parent = plan.dataset(&key.dataset).unwrap();
            let parents: HashSet<Vec<String>> =
                rows(parent, &key.referenced_fields).into_iter().collect();
            for row in rows(dataset, &key.fields) {
                assert!(parents.contains(&row), "{} {:?} {row:?}", dataset.name, key.fields);
            }
        }
        let primary_key = Some(&dataset.primary_key).filter(|key| !key.is_empty());
        for group in dataset.unique.iter().chain(primary_key) {
            let values = rows(dataset, group);
            let different: HashSet<&Vec<String>> = values.iter().collect();
            assert_eq!(different.len(), values.len(), "{} {group:?}", dataset.name);
        }
    }
}

/// Any rows that are made together are what each of them is alone.
fn assert_blocks_are_rows(plan: &Plan, part: &Range<u64>) {
    let (mut blocks, mut row) = (Vec::new(), Vec::new());
    for dataset in &plan.datasets {
        for part in [0..dataset.rows, part.start.min(dataset.rows)..part.end.min(dataset.rows)] {
            dataset.fill(part.clone(), &mut blocks);
            for (at, index) in part.enumerate() {
                dataset.write_row(index, &mut row);
                let together: Vec<Value> = blocks.iter().map(|block| block.value(at)).collect();
                assert_eq!(together, row, "{} {index}", dataset.name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blocks_are_what_their_rows_are(
        volumes in (1u64..9, 1u64..30, 1u64..30, 1u64..90, 1u64..120),
        seed: u64,
        part in (0u64..60, 0u64..60).prop_map(|(start, count)| start..start + count),
    ) {
        let (owners, users, products, orders, items) = volumes;
        let contract = contract(["items"])
            .volume("tenants", owners)
            .volume("users", users)
            .volume("products", products)
            .volume("orders", orders)
            .volume("items", items);
        let contract = Contract { seed, ..contract };
        // What is too much for the keys there are is told.
        if let Ok(plan) = planned(&contract, &tenants()) {
            assert_blocks_are_rows(&plan, &part);
        }
    }
}

#[test]
fn keys_that_share_a_field_agree_three_levels_deep() {
    for rows in [1, 2, 30, 100] {
        let volumes = contract(["items"])
            .volume("tenants", 7)
            .volume("users", 20)
            .volume("products", 25)
            .volume("orders", rows)
            .volume("items", rows);
        assert_holds(&planned(&volumes, &tenants()).unwrap());
    }
    let one = contract(["items"]).volume("tenants", 1).volume("users", 1).volume("orders", 1);
    let one = one.volume("items", 3);
    assert_holds(&planned(&one, &tenants()).unwrap());
}

#[test]
fn tables_get_the_keys_that_others_reference() {
    let plan = planned(&contract(["items"]), &tenants()).unwrap();
    let orders = plan.dataset("orders").unwrap();
    let mut told = format!("{}\n", orders.create_table());
    orders.add_foreign_keys(&plan).iter().for_each(|sql| writeln!(told, "{sql}").unwrap());
    insta::assert_snapshot!("key_tables", told);
}

#[test]
fn a_row_alone_is_the_row_among_the_others() {
    let few = contract(["items"]).volume("orders", 40).volume("items", 20);
    let many = contract(["items"]).volume("orders", 40).volume("items", 90);
    let (few, many) = (planned(&few, &tenants()).unwrap(), planned(&many, &tenants()).unwrap());
    let (few, many) = (few.dataset("items").unwrap(), many.dataset("items").unwrap());
    for row in (0..20).rev() {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        few.write_row(row, &mut one);
        many.write_row(row, &mut other);
        // The line is shuffled over as many values as the rows need; the keys are the same.
        assert_eq!((&one[1..3], one.len()), (&other[1..3], other.len()), "row {row}");
    }
}

#[test]
fn a_nullable_key_is_null_as_a_whole() {
    let visits = "  fields:
    - { name: country, type: varchar(9), null_probability: 0.4 }
    - { name: code, type: varchar(9), null_probability: 0.4 }
  relationships:
    - { foreignKey: [country, code], references: { places: [country, code] } }
";
    let places = "  fields:
    - { name: country, type: varchar(9), generator: choice, choices: [at, ch, de] }
    - { name: code, type: varchar(9), generator: choice, choices: [a, b, c, d, e, f, g, h] }
  unique: [[country, code]]
";
    let library = library(&[("places", places), ("visits", visits)]);
    let volumes = contract(["visits"]).volume("places", 24).volume("visits", 100);
    let plan = planned(&volumes, &library).unwrap();
    assert_holds(&plan);
    let dataset = plan.dataset("visits").unwrap();
    let (mut row, mut nulls) = (Vec::new(), 0);
    for index in 0..100 {
        dataset.write_row(index, &mut row);
        assert_eq!(row[0].is_null(), row[1].is_null());
        nulls += usize::from(row[0].is_null());
    }
    assert!((20..60).contains(&nulls), "{nulls}");
}

#[test]
fn a_nullable_key_leaves_the_fields_that_others_need() {
    let notes = format!(
        "  fields:
{ID}    - {{ name: user_id, type: integer, null_probability: 0.5 }}
  relationships:
    - {{ foreignKey: tenant_id, references: tenants.id }}
    - {{ foreignKey: [tenant_id, user_id], references: {{ users: [tenant_id, id] }} }}
    - {{ foreignKey: [tenant_id, product_id], references: {{ products: [tenant_id, id] }} }}
"
    );
    let library = library(&[
        ("tenants", TENANTS),
        ("users", OF_TENANTS),
        ("products", OF_TENANTS),
        ("notes", &notes),
    ]);
    let plan = planned(&contract(["notes"]), &library).unwrap();
    assert_holds(&plan);
    let notes = plan.dataset("notes").unwrap();
    assert_eq!(rows(notes, &["tenant_id".to_owned()]).len(), 100);
    assert!((30..70).contains(&rows(notes, &["user_id".to_owned()]).len()));
}

#[test]
fn a_primary_key_that_is_a_foreign_key_takes_each_row_once() {
    let profiles = "  fields:
    - { name: bio, type: text, generator: sentence }
  primary_key: [tenant_id, user_id]
  relationships:
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }
";
    let library = library(&[("tenants", TENANTS), ("users", OF_TENANTS), ("profiles", profiles)]);
    let volumes = contract(["profiles"]).volume("tenants", 9).volume("users", 40);
    assert_holds(&planned(&volumes.clone().volume("profiles", 40), &library).unwrap());
    let mistakes = planned(&volumes.volume("profiles", 41), &library).unwrap_err();
    insta::assert_snapshot!("key_room", mistakes);
}

#[test]
fn datasets_reference_each_other_and_themselves_within_a_tenant() {
    let of = |key: &str, other: &str| {
        format!(
            "{OF_TENANTS}    - {{ foreignKey: [tenant_id, {key}], references: {{ {other}: [tenant_id, id] }} }}
"
        )
    };
    let library = library(&[
        ("tenants", TENANTS),
        ("departments", &of("head_id", "employees")),
        ("employees", &of("department_id", "departments")),
        ("categories", &of("parent_id", "categories")),
    ]);
    for rows in [1, 3, 50] {
        let volumes = contract(["departments", "categories"])
            .volume("tenants", 5)
            .volume("departments", rows)
            .volume("employees", 100)
            .volume("categories", rows);
        let plan = planned(&volumes, &library).unwrap();
        assert_holds(&plan);
        let in_cycle = |name: &str| plan.dataset(name).unwrap().foreign_keys[1].in_cycle;
        assert!(in_cycle("departments") && in_cycle("employees") && !in_cycle("categories"));
    }
}

#[test]
fn a_key_that_gives_another_its_value_keeps_its_distribution() {
    let logins = format!(
        "  fields:
{ID}    - {{ name: user_id, type: integer, generator: reference, distribution: zipf }}
  relationships:
    - {{ foreignKey: tenant_id, references: tenants.id }}
    - {{ foreignKey: [tenant_id, user_id], references: {{ users: [tenant_id, id] }} }}
"
    );
    let library = library(&[("tenants", TENANTS), ("users", OF_TENANTS), ("logins", &logins)]);
    let plan = planned(&contract(["logins"]), &library).unwrap();
    assert_holds(&plan);
    let users = rows(plan.dataset("logins").unwrap(), &["user_id".to_owned()]);
    let first = users.iter().filter(|row| row[0] == "1").count();
    assert!(first > 8, "{first} of 100 rows have the first user");
}

#[test]
fn keys_that_cannot_be_met_are_mistakes() {
    let users_by_choice = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: tenant_id, type: integer, generator: random_int, max: 5 }
  unique: [[tenant_id, id]]
";
    let users_by_zipf = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: tenant_id, type: integer, generator: reference, distribution: zipf }
  unique: [[tenant_id, id]]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
";
    let users_nullable = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: tenant_id, type: integer, null_probability: 0.1 }
  unique: [[tenant_id, id]]
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
";
    let users_undeclared = "  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
";
    let small = "  fields:
    - { name: number, type: integer, generator: random_int, min: 1, max: 2 }
  unique:
    - [tenant_id, user_id, number]
    - [tenant_id, product_id, number]
  relationships:
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
";
    let entangled = "  fields:
    - { name: number, type: integer, generator: random_int, min: 1, max: 20 }
    - { name: place, type: integer, generator: random_int, min: 1, max: 20 }
  unique:
    - [tenant_id, user_id, number]
    - [number, place]
  relationships:
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
";
    let unequal = "  fields:
    - { name: tenant_id, type: integer, null_probability: 0.1 }
    - { name: user_id, type: integer, null_probability: 0.5 }
  relationships:
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }
";
    let shared_null = "  fields:
    - { name: tenant_id, type: integer, null_probability: 0.1 }
  relationships:
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }
    - { foreignKey: [tenant_id, product_id], references: { products: [tenant_id, id] } }
";
    let mut told = String::new();
    for (what, users, orders) in [
        ("no foreign key", users_by_choice, ORDERS),
        ("a distribution", users_by_zipf, ORDERS),
        ("nulls", users_nullable, ORDERS),
        ("not declared", users_undeclared, ORDERS),
        ("too few combinations", OF_TENANTS, small),
        ("groups of different classes", OF_TENANTS, entangled),
        ("unequal nulls", OF_TENANTS, unequal),
        ("a shared field with nulls", OF_TENANTS, shared_null),
    ] {
        let library = library(&[
            ("tenants", TENANTS),
            ("users", users),
            ("products", OF_TENANTS),
            ("orders", orders),
        ]);
        let volumes = contract(["orders"]).volume("tenants", 5).volume("users", 10);
        let mistakes = planned(&volumes, &library).unwrap_err();
        writeln!(told, "## {what}\n\n{mistakes}\n").unwrap();
    }
    let empty = contract(["orders"]).volume("users", 0);
    writeln!(told, "## no rows\n\n{}\n", planned(&empty, &tenants()).unwrap_err()).unwrap();
    insta::assert_snapshot!("keys", told);
}

#[test]
fn keys_that_are_written_wrongly_are_mistakes() {
    let mut told = String::new();
    for relationship in [
        "{ foreignKey: [tenant_id, user_id], references: users.id }",
        "{ foreignKey: [tenant_id, user_id], references: { users: [tenant_id] } }",
        "{ foreignKey: [], references: { users: [tenant_id, id] } }",
        "{ foreignKey: [a, b], references: { users: [tenant_id, id], products: [tenant_id, id] } }",
        "{ foreignKey: [a, a], references: { users: [tenant_id, id] } }",
        "{ foreignKey: [a, b], references: { users: [tenant_id, number] } }",
    ] {
        let orders = format!(
            "  fields:\n{ID}  primary_key: [id, nubmer]\n  unique: [[]]\n  relationships:\n    - {relationship}\n"
        );
        let orders = if relationship.contains("[a, ") {
            orders.replace("  primary_key: [id, nubmer]\n  unique: [[]]\n", "")
        } else {
            orders
        };
        let library = library(&[
            ("tenants", TENANTS),
            ("users", OF_TENANTS),
            ("products", OF_TENANTS),
            ("orders", &orders),
        ]);
        let mistakes = planned(&contract(["orders"]), &library).unwrap_err();
        writeln!(told, "## {relationship}\n\n{mistakes}\n").unwrap();
    }
    insta::assert_snapshot!("written_keys", told);
}

#[test]
fn what_a_shared_key_references_is_there() {
    let orders = "  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: tenant_id, references: tenants.id }
    - { foreignKey: [tenant_id, user_id], references: { users: [tenant, id] } }
";
    let library = library(&[("tenants", TENANTS), ("users", OF_TENANTS), ("orders", orders)]);
    let told = planned(&contract(["orders"]), &library).unwrap_err().to_string();
    assert!(
        told.contains("`users` has no field `tenant`") && told.contains("orders.yaml:10:"),
        "{told}"
    );
}

//! Rows placed on shards: every key leads to a row of the same shard, or it is told that it may not.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

#[expect(dead_code, reason = "not all of it is needed here")]
mod shop;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::num::NonZeroU32;

use tdata_core::definition::Library;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::placement::{Placed, Placement, place};
use tdata_core::plan::{Catalog, DatasetPlan, Plan};

use shop::{contract, library, planned};

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";

fn placed(plan: &Plan, shards: u32) -> Result<Placement, Diagnostics> {
    place(plan, &Catalog::default(), NonZeroU32::new(shards).unwrap())
}

/// The texts of some fields in each row; nothing for rows in which one of them is null.
fn texts(dataset: &DatasetPlan, fields: &[String]) -> Vec<Option<Vec<String>>> {
    let place =
        |name: &String| dataset.fields.iter().position(|field| field.name == *name).unwrap();
    let places: Vec<usize> = fields.iter().map(place).collect();
    let mut row = Vec::new();
    let texts = (0..dataset.rows).map(|index| {
        dataset.write_row(index, &mut row);
        let text = |place: &usize| (!row[*place].is_null()).then(|| row[*place].to_string());
        places.iter().map(text).collect()
    });
    texts.collect()
}

/// The shards of all rows of a dataset, in pieces of several lengths.
fn shards(plan: &Plan, placement: &Placement, dataset: usize) -> Vec<u32> {
    let (mut first, mut shards, mut blocks) = (0, Vec::new(), Vec::new());
    let rows = plan.datasets[dataset].rows;
    for length in (1..).step_by(7) {
        let range = first..rows.min(first + length);
        plan.datasets[dataset].fill(range.clone(), &mut blocks);
        placement.shards_of(dataset, range.clone(), &blocks, &mut shards).unwrap();
        first = range.end;
        if first == rows {
            break;
        }
    }
    shards
}

/// Every key of every row leads to a row of the same shard. Returns on how many shards rows of datasets are that are not on each.
fn assert_together(plan: &Plan, placement: &Placement) -> HashMap<String, usize> {
    let mut spread = HashMap::new();
    for (at, dataset) in plan.datasets.iter().enumerate() {
        let own = shards(plan, placement, at);
        if *placement.of(at) == Placed::OnEvery {
            assert!(own.is_empty());
            continue;
        }
        assert_eq!(own.len() as u64, dataset.rows);
        assert!(own.iter().all(|shard| *shard < placement.shards()));
        spread.insert(dataset.name.clone(), own.iter().collect::<HashSet<_>>().len());
        for key in &dataset.foreign_keys {
            let parent = plan.datasets.iter().position(|one| one.name == key.dataset).unwrap();
            if *placement.of(parent) == Placed::OnEvery {
                continue;
            }
            let of_parents = shards(plan, placement, parent);
            let parents = texts(&plan.datasets[parent], &key.referenced_fields);
            let parents: HashMap<_, u32> = parents.into_iter().zip(of_parents).collect();
            for (shard, row) in own.iter().zip(texts(dataset, &key.fields)) {
                assert!(row.is_none() || parents[&row] == *shard, "{} {key:?}", dataset.name);
            }
        }
    }
    spread
}

#[test]
fn children_are_where_their_parents_are() {
    let library = shop::shop();
    for rows in [1, 3, 200] {
        let mut contract = contract(["payments", "order_items"]);
        contract.volumes.every = Some(tdata_core::contract::Volume::Rows(rows));
        let plan = planned(&contract, &library).unwrap();
        for count in [1, 2, 3, 7] {
            let placement = placed(&plan, count).unwrap();
            let spread = assert_together(&plan, &placement);
            assert!(rows < 200 || spread.values().all(|shards| *shards == count as usize));
        }
    }
    let plan = planned(&contract(["payments"]), &library).unwrap();
    let placement = placed(&plan, 3).unwrap();
    let mut told = String::new();
    for (at, dataset) in plan.datasets.iter().enumerate() {
        writeln!(told, "{}: {:?}", dataset.name, placement.of(at)).unwrap();
    }
    insta::assert_snapshot!("placed_shop", told);
}

#[test]
fn keys_of_several_fields_and_rows_without_parents() {
    let of_tenant = format!(
        "  fields:\n{ID}  primary_key: [tenant_id, id]\n  relationships:\n    - {{ foreignKey: tenant_id, references: tenants.id }}\n"
    );
    let orders =
        "    - { foreignKey: [tenant_id, user_id], references: { users: [tenant_id, id] } }\n";
    let library = library(&[
        ("tenants", &format!("  fields:\n{ID}")),
        ("users", &of_tenant),
        ("orders", &(of_tenant.clone() + orders)),
        (
            "notes",
            &format!(
                "  fields:\n{ID}    - {{ name: author, type: integer, null_probability: 0.4 }}\n  relationships:\n    - {{ foreignKey: author, references: owners.id }}\n"
            ),
        ),
        // Some owners belong to no tenant, and so do their notes.
        (
            "owners",
            &format!(
                "  fields:\n{ID}    - {{ name: tenant_id, type: integer, null_probability: 0.3 }}\n  relationships:\n    - {{ foreignKey: tenant_id, references: tenants.id }}\n"
            ),
        ),
        (
            "replies",
            &format!(
                "  fields:\n{ID}  relationships:\n    - {{ foreignKey: note_id, references: notes.id }}\n"
            ),
        ),
        // It references itself within what places it.
        (
            "staff",
            "  fields:\n    - { name: id, type: integer, generator: sequence }\n  primary_key: [tenant_id, id]\n  relationships:\n    - { foreignKey: tenant_id, references: tenants.id }\n    - { foreignKey: [tenant_id, chief], references: { staff: [tenant_id, id] } }\n",
        ),
    ]);
    let datasets = ["orders", "replies", "staff"];
    let plan = planned(&contract(datasets).volume("tenants", 40), &library).unwrap();
    let placement = placed(&plan, 3).unwrap();
    let spread = assert_together(&plan, &placement);
    assert!(spread.values().all(|shards| *shards == 3), "{spread:?}");
}

#[test]
fn a_shard_key_that_agrees_with_the_keys_is_taken() {
    let of_region = "  shard_key: region\n  relationships:\n    - { foreignKey: region, references: regions.name }\n";
    let users = format!("  fields:\n{ID}  unique: [[region, id]]\n{of_region}");
    let key = "    - { foreignKey: [region, user_id], references: { users: [region, id] } }\n";
    let orders = format!("  fields:\n{ID}{of_region}{key}");
    let regions = "  fields:\n    - { name: name, type: varchar(8), generator: choice, choices: [north, south, east, west], unique: true }\n  on_every_shard: true\n";
    let library = library(&[("users", &users), ("orders", &orders), ("regions", regions)]);
    let plan = planned(&contract(["orders"]).volume("regions", 4), &library).unwrap();
    let placement = placed(&plan, 2).unwrap();
    assert_together(&plan, &placement);
    let at = plan.datasets.iter().position(|dataset| dataset.name == "orders").unwrap();
    assert_eq!(placement.of(at), &Placed::ByKey(vec!["region".to_owned()]));
}

/// A small project, and what is told of its placement.
fn told(datasets: &[(&str, &str)]) -> String {
    let library: Library = library(datasets);
    let names: Vec<&str> = datasets.iter().map(|(name, _)| *name).collect();
    let plan = planned(&contract(names), &library).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    match placed(&plan, 3) {
        Ok(_) => panic!("{datasets:?}"),
        Err(mistakes) => mistakes.to_string(),
    }
}

#[test]
fn what_cannot_be_placed_is_told_with_what_to_write() {
    let plain = format!("  fields:\n{ID}");
    let of = |keys: &[&str], more: &str| {
        let keys = keys.iter().map(|key| format!("    - {{ foreignKey: {key} }}\n"));
        format!("{plain}{more}  relationships:\n{}", keys.collect::<String>())
    };
    let orders = of(&["user_id, references: users.id", "product_id, references: products.id"], "");
    let by_id = of(&["user_id, references: users.id"], "  shard_key: id\n");
    let of_orders = of(&["order_id, references: orders.id"], "");
    let items = of(&["order_id, references: orders.id"], "  shard_key: order_id\n");
    let every = of(&["user_id, references: users.id"], "  on_every_shard: true\n");
    let tree = of(&["parent_id, references: tree.id"], "");
    let nameless = "  fields:\n    - { name: word, type: text, generator: word }\n";
    let state =
        format!("{plain}    - {{ name: state, type: json, generator: constant, value: '1' }}\n");
    let written = "  fields:\n    - { name: id, type: integer, generator: sequence }\n    - { name: order_id, type: integer }\n  rows: [{ order_id: 1 }, { order_id: 2 }]\n  relationships:\n    - { foreignKey: order_id, references: orders.id }\n";
    let fans = "  fields:\n    - { name: id, type: integer, generator: sequence }\n    - { name: user_id, type: numeric(9) }\n  rows: [{ user_id: 1 }]\n  relationships:\n    - { foreignKey: user_id, references: users.id }\n";
    let wanderers = "  fields:\n    - { name: word, type: text, generator: word }\n    - { name: user_id, type: integer, null_probability: 0.5 }\n  relationships:\n    - { foreignKey: user_id, references: users.id }\n";
    let shop: &[(&str, &str)] = &[("users", &plain), ("products", &plain), ("orders", &orders)];
    let followed = of(&["user_id, references: users.id"], "");
    let sections = [
        told(shop),
        told(&[("users", &plain), ("orders", &by_id), ("items", &of_orders)]),
        told(&[("users", &plain), ("orders", &followed), ("items", &items)]),
        told(&[("users", &plain), ("roles", &every)]),
        told(&[("tree", &tree)]),
        told(&[("words", nameless)]),
        told(&[("states", &format!("{state}  shard_key: state\n"))]),
        told(&[("users", &plain), ("fans", fans)]),
        told(&[("users", &plain), ("orders", &followed), ("written", written)]),
        told(&[("users", &plain), ("wanderers", wanderers)]),
    ];
    insta::assert_snapshot!("placement_mistakes", sections.join("\n"));
}

#[test]
fn wrong_keys_are_told_where_they_stand() {
    let mistakes = [
        "  shard_key: di\n",
        "  shard_key: []\n",
        "  shard_key: [id, id]\n",
        "  shard_key: id\n  on_every_shard: true\n",
        "  on_every_shard: yes\n",
        "  on_each_shard: true\n",
    ];
    let mistakes = mistakes.map(|line| {
        let library = library(&[("users", &format!("  fields:\n{ID}{line}"))]);
        planned(&contract(["users"]), &library).unwrap_err().to_string()
    });
    insta::assert_snapshot!("shard_key_mistakes", mistakes.join("\n"));
}

#[test]
fn where_rows_are_does_not_change_them() {
    let plain = format!("  fields:\n{ID}");
    let fingerprint = |more: &str| {
        let library = library(&[("users", &format!("{plain}{more}"))]);
        let contract = contract(["users"]);
        let specs = library.gather(["users"]).specs;
        let key = tdata_core::mask::MaskKey::development();
        tdata_core::plan::fingerprint(&contract, &specs, &library, &Default::default(), &key, "")
    };
    assert_eq!(fingerprint(""), fingerprint("  shard_key: id\n"));
    assert_eq!(fingerprint(""), fingerprint("  on_every_shard: true\n"));
}

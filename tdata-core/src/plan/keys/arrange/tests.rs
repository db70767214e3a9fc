//! What arranging promises, proved by listing all rows.

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::{ColumnShape, KeyShape, Origin, UniqueShape};
use super::*;
use crate::generate::FieldKey;

/// A dataset, said briefly.
fn shape(name: &str, rows: u64, columns: &[(&str, Option<u64>)]) -> Shape {
    let columns = columns.iter().map(|(name, values)| ColumnShape {
        name: (*name).to_owned(),
        // The column `id` counts the rows.
        alone: *name == "id",
        nullable: false,
        values: *values,
        masked: false,
    });
    Shape {
        key: FieldKey::derive(1, name, "", "", 1),
        rows,
        columns: columns.collect(),
        keys: Vec::new(),
        unique: Vec::new(),
    }
}

impl Shape {
    fn references(mut self, columns: &[usize], parent: usize, referenced: &[usize]) -> Self {
        self.keys.push(KeyShape {
            columns: columns.to_vec(),
            parent,
            referenced: referenced.to_vec(),
            distribution: Distribution::Uniform,
        });
        self
    }

    fn unique(mut self, columns: &[usize], target: bool) -> Self {
        self.unique.push(UniqueShape { columns: columns.to_vec(), target });
        self
    }
}

/// All values of a column, as numbers.
fn value(
    shapes: &[Shape],
    arranged: &[Arrangement],
    dataset: usize,
    column: usize,
    row: u64,
) -> u64 {
    let own = &arranged[dataset];
    match own.origin(column) {
        Origin::Class { path, depth, dataset: class, column } => {
            value(shapes, arranged, class, column, own.of_class(path, depth).row(row))
        }
        Origin::Key(key) => {
            let shape = &shapes[dataset].keys[key];
            let place = shape.columns.iter().position(|own| *own == column).unwrap();
            let parent = own.of_key(key).row(row);
            assert!(parent < shapes[shape.parent].rows, "{dataset}.{column} row {row}: {parent}");
            value(shapes, arranged, shape.parent, shape.referenced[place], parent)
        }
        Origin::Own if shapes[dataset].columns[column].alone => row,
        Origin::Own => {
            let free =
                row.wrapping_mul(7) % shapes[dataset].columns[column].values.unwrap_or(1).max(1);
            own.of_column(column).and_then(|numberer| numberer.number(row)).unwrap_or(free)
        }
    }
}

/// Lists all rows, and proves that all keys reference a row there is, and all groups are unique.
fn assert_holds(shapes: &[Shape], arranged: &[Arrangement]) {
    let rows: Vec<Vec<Vec<u64>>> = shapes
        .iter()
        .enumerate()
        .map(|(dataset, shape)| {
            let row = |row| {
                let values = (0..shape.columns.len())
                    .map(|column| value(shapes, arranged, dataset, column, row));
                values.collect()
            };
            (0..shape.rows).map(row).collect()
        })
        .collect();
    let part = |row: &Vec<u64>, columns: &[usize]| {
        columns.iter().map(|column| row[*column]).collect::<Vec<_>>()
    };
    for (dataset, shape) in shapes.iter().enumerate() {
        for key in &shape.keys {
            let parents: HashSet<Vec<u64>> =
                rows[key.parent].iter().map(|row| part(row, &key.referenced)).collect();
            for (at, row) in rows[dataset].iter().enumerate() {
                assert!(
                    parents.contains(&part(row, &key.columns)),
                    "{dataset} {key:?} row {at}: {row:?}"
                );
            }
        }
        for group in &shape.unique {
            let mut seen = HashSet::new();
            for (at, row) in rows[dataset].iter().enumerate() {
                assert!(seen.insert(part(row, &group.columns)), "{dataset} {group:?} row {at}");
            }
        }
    }
}

fn arranged(shapes: &[Shape]) -> Vec<Arrangement> {
    arrange(shapes).into_iter().map(|one| one.unwrap_or_else(|why| panic!("{why:?}"))).collect()
}

/// Tenants; users and products of a tenant; orders of a user for a product of its tenant; items of an order for a
/// product of its tenant.
fn shop(rows: [u64; 5]) -> Vec<Shape> {
    let own = &[("tenant_id", None), ("id", None)];
    vec![
        shape("tenants", rows[0], &[("id", None)]),
        shape("users", rows[1], own).references(&[0], 0, &[0]).unique(&[0, 1], true),
        shape("products", rows[2], own).references(&[0], 0, &[0]).unique(&[0, 1], true),
        shape(
            "orders",
            rows[3],
            &[("tenant_id", None), ("id", None), ("user_id", None), ("product_id", None)],
        )
        .references(&[0], 0, &[0])
        .references(&[0, 2], 1, &[0, 1])
        .references(&[0, 3], 2, &[0, 1])
        .unique(&[0, 1], true),
        shape("items", rows[4], &[("tenant_id", None), ("order_id", None), ("product_id", None)])
            .references(&[0, 1], 3, &[0, 1])
            .references(&[0, 2], 2, &[0, 1]),
    ]
}

#[test]
fn keys_that_share_a_column_agree() {
    let shapes = shop([10, 30, 25, 200, 300]);
    let arranged = arranged(&shapes);
    assert_holds(&shapes, &arranged);
    let tenants = |dataset, rows| -> HashSet<u64> {
        (0..rows).map(|row| value(&shapes, &arranged, dataset, 0, row)).collect()
    };
    assert_eq!((tenants(1, 30).len(), tenants(4, 300).len()), (10, 10));
    // Not each row of a tenant gets the same user.
    let users: HashSet<u64> = (0..200).map(|row| value(&shapes, &arranged, 3, 2, row)).collect();
    assert!(users.len() > 20, "{users:?}");
}

#[test]
fn only_classes_that_all_parents_have_are_used() {
    for rows in
        [[10, 3, 25, 50, 50], [10, 30, 1, 9, 9], [1, 1, 1, 1, 1], [3, 2, 5, 0, 0], [7, 7, 7, 1, 1]]
    {
        let shapes = shop(rows);
        assert_holds(&shapes, &arranged(&shapes));
    }
    let refused = arrange(&shop([5, 0, 3, 4, 0]))[3].clone().unwrap_err();
    assert!(matches!(refused[..], [Refusal::NoRows { .. }]), "{refused:?}");
}

#[test]
fn more_rows_change_no_parent_of_those_before() {
    let (few, many) = (shop([10, 30, 25, 20, 30]), shop([10, 30, 25, 200, 300]));
    let (few_arranged, many_arranged) = (arranged(&few), arranged(&many));
    for row in 0..20 {
        for column in 0..4 {
            let value = |shapes, arranged| value(shapes, arranged, 3, column, row);
            assert_eq!(value(&few, &few_arranged), value(&many, &many_arranged));
        }
    }
}

/// Members of a project: each user of a tenant once for each project of the tenant.
fn members(rows: [u64; 4], groups: &[&[usize]]) -> Vec<Shape> {
    let own = &[("tenant_id", None), ("id", None)];
    let columns = [("tenant_id", None), ("user_id", None), ("project_id", None), ("slot", Some(6))];
    let mut members = shape("members", rows[3], &columns)
        .references(&[0, 1], 1, &[0, 1])
        .references(&[0, 2], 2, &[0, 1]);
    for group in groups {
        members = members.unique(group, false);
    }
    vec![
        shape("tenants", rows[0], &[("id", None)]),
        shape("users", rows[1], own).references(&[0], 0, &[0]).unique(&[0, 1], true),
        shape("projects", rows[2], own).references(&[0], 0, &[0]).unique(&[0, 1], true),
        members,
    ]
}

/// Returns how many rows of the last dataset there is room for.
fn room(shapes: &mut [Shape]) -> u64 {
    let last = shapes.len() - 1;
    shapes[last].rows = 1;
    let mut most = 1;
    for rows in 1.. {
        shapes[last].rows = rows;
        match &arrange(shapes)[last] {
            Ok(_) => most = rows,
            Err(_) => return most,
        }
        assert_holds(shapes, &arranged(shapes));
    }
    most
}

#[test]
fn combinations_within_a_tenant_are_used_to_the_last() {
    // Of 25 users, five tenants have three and five two; so have they of the projects.
    let mut shapes = members([10, 25, 25, 0], &[&[0, 1, 2]]);
    assert_eq!(room(&mut shapes), 5 * 9 + 5 * 4);
    let last = arrange(&{
        shapes[3].rows = 66;
        shapes
    });
    assert_eq!(last[3].clone().unwrap_err(), [Refusal::Room { rows: 65, groups: vec![0] }]);
}

#[test]
fn groups_that_overlap_are_unique_both() {
    let mut shapes = members([4, 9, 10, 0], &[&[0, 1, 2], &[0, 2, 3]]);
    // A tenant with three users has three projects of 6 slots: 9 rows; the others have 2 and 3, or 2 and 2.
    assert_eq!(room(&mut shapes), 9 + 6 + 4 + 4);
}

#[test]
fn a_key_that_is_the_primary_key_takes_each_parent_once() {
    let mut shapes = vec![
        shape("tenants", 4, &[("id", None)]),
        shape("users", 10, &[("tenant_id", None), ("id", None)])
            .references(&[0], 0, &[0])
            .unique(&[0, 1], true),
        shape("profiles", 0, &[("tenant_id", None), ("user_id", None)])
            .references(&[0], 0, &[0])
            .references(&[0, 1], 1, &[0, 1])
            .unique(&[0, 1], true),
    ];
    assert_eq!(room(&mut shapes), 10);
}

#[test]
fn classes_within_classes_agree() {
    let shapes = vec![
        shape("tenants", 4, &[("id", None)]),
        shape("regions", 11, &[("tenant_id", None), ("id", None)])
            .references(&[0], 0, &[0])
            .unique(&[0, 1], true),
        shape("users", 60, &[("tenant_id", None), ("region_id", None), ("id", None)])
            .references(&[0, 1], 1, &[0, 1])
            .unique(&[0, 1, 2], true)
            .unique(&[0, 2], true),
        shape("stores", 17, &[("tenant_id", None), ("region_id", None), ("id", None)])
            .references(&[0, 1], 1, &[0, 1])
            .unique(&[0, 1, 2], true),
        shape(
            "visits",
            300,
            &[("tenant_id", None), ("region_id", None), ("user_id", None), ("store_id", None)],
        )
        .references(&[0, 1, 2], 2, &[0, 1, 2])
        .references(&[0, 1, 3], 3, &[0, 1, 2])
        .unique(&[0, 1, 2, 3], false),
    ];
    let refused = arrange(&shapes);
    let Err(why) = &refused[4] else { panic!("there are fewer combinations") };
    let [Refusal::Room { rows, .. }] = why[..] else { panic!("{why:?}") };
    let mut fitting = shapes.clone();
    fitting[4].rows = rows;
    assert_holds(&fitting, &arranged(&fitting));
    // Every user of a region with every store of the region.
    let arranged = arranged(&fitting[..4]);
    let region = |dataset: usize, row| value(&fitting, &arranged, dataset, 1, row);
    let pairs = (0..60).flat_map(|user| (0..17).map(move |store| (user, store)));
    let possible =
        pairs.filter(|(user, store)| region(2, *user) == region(3, *store)).count() as u64;
    // A class gets no more than those before it: a tenant with few regions has more users in each of them.
    assert!((possible * 8 / 10..=possible).contains(&rows), "{rows} of {possible}");
}

#[test]
fn a_dataset_can_reference_itself_and_others_in_a_circle() {
    let own = &[("tenant_id", None), ("id", None), ("other_id", None)];
    for rows in [[5, 20, 30, 9], [5, 2, 30, 1], [9, 30, 4, 40], [1, 1, 1, 1]] {
        let shapes = vec![
            shape("tenants", rows[0], &[("id", None)]),
            shape("departments", rows[1], own)
                .references(&[0], 0, &[0])
                .references(&[0, 2], 2, &[0, 1])
                .unique(&[0, 1], true),
            shape("employees", rows[2], own)
                .references(&[0], 0, &[0])
                .references(&[0, 2], 1, &[0, 1])
                .unique(&[0, 1], true),
            shape("categories", rows[3], own)
                .references(&[0], 0, &[0])
                .references(&[0, 2], 3, &[0, 1])
                .unique(&[0, 1], true),
        ];
        assert_holds(&shapes, &arranged(&shapes));
    }
}

#[test]
fn a_key_of_several_columns_that_shares_none_draws_freely() {
    let shapes = vec![
        shape("places", 12, &[("country", Some(5)), ("code", Some(9))]).unique(&[0, 1], false),
        shape("visits", 50, &[("country", None), ("code", None)]).references(&[0, 1], 0, &[0, 1]),
        shape("maps", 12, &[("country", None), ("code", None)])
            .references(&[0, 1], 0, &[0, 1])
            .unique(&[0, 1], false),
    ];
    let arranged = arranged(&shapes);
    assert!(arranged[1].is_free(0));
    assert_holds(&shapes, &arranged);
}

#[test]
fn parents_without_a_common_origin_are_refused() {
    let own = &[("tenant_id", Some(5)), ("id", None)];
    let shapes = vec![
        shape("users", 10, own).unique(&[0, 1], true),
        shape("products", 10, own).unique(&[0, 1], true),
        shape("orders", 10, &[("tenant_id", None), ("user_id", None), ("product_id", None)])
            .references(&[0, 1], 0, &[0, 1])
            .references(&[0, 2], 1, &[0, 1]),
    ];
    assert_eq!(
        arrange(&shapes)[2].clone().unwrap_err(),
        [Refusal::Disagree { column: 0, keys: [1, 0] }]
    );
}

/// A dataset of columns with generators and groups of these that overlap.
fn groups() -> impl Strategy<Value = Shape> {
    let group = prop::sample::subsequence(vec![0usize, 1, 2, 3], 2..=3);
    (prop::collection::vec(1u64..7, 4), prop::collection::vec(group, 1..4), 1u64..40).prop_map(
        |(values, groups, rows)| {
            let columns: Vec<(&str, Option<u64>)> =
                ["a", "b", "c", "d"].into_iter().zip(values.into_iter().map(Some)).collect();
            groups
                .iter()
                .fold(shape("items", rows, &columns), |shape, group| shape.unique(group, false))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_shop_holds_for_any_rows(rows in prop::array::uniform5(0u64..40)) {
        let shapes = shop(rows);
        let outcome: Vec<_> = arrange(&shapes);
        if outcome.iter().all(Result::is_ok) {
            assert_holds(&shapes, &arranged(&shapes));
        } else {
            // Only a parent without rows stands in the way.
            prop_assert!(rows[..4].contains(&0), "{:?}", outcome);
        }
    }

    #[test]
    fn groups_hold_for_as_many_rows_as_are_taken(shape in groups()) {
        if arrange(std::slice::from_ref(&shape))[0].is_ok() {
            assert_holds(std::slice::from_ref(&shape), &arranged(std::slice::from_ref(&shape)));
        }
    }

    #[test]
    fn members_hold_for_any_rows(
        rows in prop::array::uniform4(1u64..20),
        groups in prop::collection::vec(prop::sample::subsequence(vec![0usize, 1, 2, 3], 2..=4), 1..3),
    ) {
        let groups: Vec<&[usize]> = groups.iter().map(Vec::as_slice).collect();
        let shapes = members(rows, &groups);
        if arrange(&shapes).iter().all(Result::is_ok) {
            assert_holds(&shapes, &arranged(&shapes));
        }
    }
}

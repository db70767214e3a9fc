//! Planning: what a contract brings along, in which order, and all that can be wrong with it.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

mod shop;

use std::fmt::Write;

use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::{Files, Library};
use tdata_core::diagnostic::{Diagnostic, Diagnostics, Source};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Plan, check_early};

use shop::{SHOP, contract, library, planned};

fn names(plan: &Plan) -> Vec<&str> {
    plan.datasets.iter().map(|dataset| dataset.name.as_str()).collect()
}

fn rows(plan: &Plan, dataset: &str) -> u64 {
    plan.dataset(dataset).unwrap().rows
}

/// Plans a dataset `items` that has these fields, in 100 rows.
fn items(fields: &[&str]) -> Result<Plan, Diagnostics> {
    planned(&contract(["items"]).volume("items", 100), &items_library(fields))
}

fn items_library(fields: &[&str]) -> Library {
    library(&[("items", &format!("  fields:\n    - {}\n", fields.join("\n    - ")))])
}

#[test]
fn the_shop_is_planned_whatever_is_asked_for() {
    let library = shop::shop();
    for bits in 1..1 << SHOP.len() {
        let chosen = (0..SHOP.len()).filter(|at| bits >> at & 1 == 1).map(|at| SHOP[at]);
        for every in [None, Some(Volume::Rows(1)), Some(Volume::Full)] {
            let mut contract = contract(chosen.clone());
            contract.volumes.every = every;
            contract.apply_masking = bits % 2 == 0;
            let planned = planned(&contract, &library);
            assert!(planned.is_ok(), "{contract}\n{}", planned.unwrap_err());
        }
    }
}

#[test]
fn relationships_bring_their_datasets_along_parents_first() {
    let library = shop::shop();
    let plan = planned(&contract(["payments"]), &library).unwrap();
    let order = names(&plan);
    assert_eq!(order.len(), 5, "{order:?}");
    for dataset in &plan.datasets {
        for key in dataset.foreign_keys.iter().filter(|key| key.dataset != dataset.name) {
            let at = |name: &str| order.iter().position(|other| *other == name).unwrap();
            assert!(at(&key.dataset) < at(&dataset.name), "{order:?}");
            assert!(!key.in_cycle);
        }
    }
    assert_eq!(names(&planned(&contract(["accounts"]), &library).unwrap()), ["accounts"]);
}

#[test]
fn volumes_are_the_first_hundred_rows_unless_said_otherwise() {
    let library = shop::shop();
    let default = planned(&contract(["orders"]).volume("users", 7), &library).unwrap();
    assert_eq!(rows(&default, "orders"), 100);
    assert_eq!(rows(&default, "users"), 7);
    assert_eq!(rows(&default, "accounts"), 100);
    let mut full = contract(["orders"]).volume("users", 7);
    full.volumes.every = Some(Volume::Full);
    let full = planned(&full, &library).unwrap();
    assert_eq!(rows(&full, "orders"), 50_000);
    assert_eq!(rows(&full, "users"), 7);
    assert_eq!(rows(&full, "organizations"), 500);

    let id = "{ name: id, type: integer, generator: sequence }";
    let few = shop::library(&[("few", &format!("  volume: {{ count: 3 }}\n  fields: [{id}]\n"))]);
    assert_eq!(rows(&planned(&contract(["few"]), &few).unwrap(), "few"), 3);
    assert_eq!(rows(&planned(&contract(["few"]).volume("few", 0), &few).unwrap(), "few"), 0);
}

#[test]
fn a_dataset_may_reference_itself() {
    let fields = ["{ name: id, type: integer, generator: sequence }"];
    let tree = format!(
        "  fields:\n    - {}\n  relationships:\n    - {{ foreignKey: parent_id, references: tree.id }}\n",
        fields[0]
    );
    let plan = planned(&contract(["tree"]), &library(&[("tree", &tree)])).unwrap();
    assert_eq!(names(&plan), ["tree"]);
    assert!(!plan.datasets[0].foreign_keys[0].in_cycle);
}

/// A dataset with a key `id`, and foreign keys to the `id` of others; those named with `?` may be
/// null.
fn keys(to: &[&str]) -> String {
    let mut fields =
        "  fields:\n    - { name: id, type: integer, generator: sequence }\n".to_owned();
    let mut relationships = "  relationships:\n".to_owned();
    for to in to {
        let dataset = to.trim_end_matches('?');
        let nullable = if to.ends_with('?') { ", null_probability: 0.5" } else { "" };
        writeln!(
            fields,
            "    - {{ name: {dataset}_id, type: integer, generator: reference{nullable} }}"
        )
        .unwrap();
        writeln!(relationships, "    - {{ foreignKey: {dataset}_id, references: {dataset}.id }}")
            .unwrap();
    }
    if to.is_empty() { fields } else { fields + &relationships }
}

#[test]
fn a_key_that_can_be_null_opens_a_cycle() {
    let library = library(&[
        ("employees", &keys(&["departments"])),
        ("departments", &keys(&["employees?"])),
        ("badges", &keys(&["employees"])),
    ]);
    let plan = planned(&contract(["badges"]), &library).unwrap();
    assert_eq!(names(&plan), ["departments", "employees", "badges"]);
    let waits = |dataset: &str| plan.dataset(dataset).unwrap().foreign_keys[0].in_cycle;
    assert!(waits("departments") && waits("employees") && !waits("badges"));
}

#[test]
fn a_cycle_without_nulls_has_an_order() {
    let library = library(&[
        ("a", &keys(&["b"])),
        ("b", &keys(&["c"])),
        ("c", &keys(&["a", "d"])),
        ("d", &keys(&["e?"])),
        ("e", &keys(&["d"])),
    ]);
    let plan = planned(&contract(["e", "c"]), &library).unwrap();
    assert_eq!(names(&plan), ["d", "e", "c", "b", "a"]);
    let waits =
        |dataset: &str, key: usize| plan.dataset(dataset).unwrap().foreign_keys[key].in_cycle;
    assert!(waits("a", 0) && waits("b", 0) && waits("c", 0) && !waits("c", 1));
}

#[test]
fn a_foreign_key_has_the_type_and_the_masked_values_of_what_it_references() {
    let parents = "  fields:
    - { name: email, type: varchar(60), generator: email, masking: true }
";
    let children = "  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: parent_email, references: parents.email }
";
    let library = library(&[("parents", parents), ("children", children)]);
    let plan = planned(&contract(["children"]), &library).unwrap();
    let key = plan.dataset("children").unwrap().field("parent_email").unwrap();
    assert_eq!(key.sql_type.to_string(), "varchar(60)");
    assert!(plan.dataset("parents").unwrap().field("email").unwrap().unique);
}

#[test]
fn a_foreign_key_may_be_null_in_every_row() {
    let child = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: parents_id, type: integer, generator: null }
  relationships:
    - { foreignKey: parents_id, references: parents.id }
";
    let library = library(&[("parents", &keys(&["children"])), ("children", child)]);
    let plan = planned(&contract(["children"]), &library).unwrap();
    assert_eq!(names(&plan), ["children", "parents"]);
    assert!(plan.dataset("children").unwrap().field("parents_id").unwrap().nullable);
}

/// Mistakes in the fields of one dataset of 100 rows.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "names that are not there",
        &[
            "{ name: a, type: integer, generator: sequnce }",
            "{ name: b, type: integer, generator: sequence, strat: 5 }",
            "{ name: c, type: text, generator: word, uniqe: true }",
            "{ name: d, type: text, generator: zzz }",
        ],
    ),
    (
        "too few different values",
        &[
            "{ name: id, type: boolean, generator: boolean }",
            "{ name: a, type: integer, generator: random_int, min: 1, max: 99, unique: true }",
            "{ name: b, type: integer, generator: random_int, min: 1, max: 100, unique: true }",
            "{ name: c, type: text, generator: choice, choices: [x, y], unique: true }",
            "{ name: d, type: text, generator: constant, value: x, unique: true }",
        ],
    ),
    (
        "values that do not fit their columns",
        &[
            "{ name: a, type: boolean, generator: sequence }",
            "{ name: b, type: integer, generator: email }",
            "{ name: c, type: varchar(12), generator: pattern, pattern: 'INV-{{timestamp}}' }",
            "{ name: d, type: smallint, generator: sequence, start: 32700 }",
            "{ name: e, type: integer, generator: random_int, max: 3000000000 }",
            "{ name: f, type: 'decimal(3,1)', generator: sequence, start: 950 }",
            "{ name: g, type: date, generator: uuid }",
            "{ name: h, type: time, generator: first_name }",
            "{ name: i, type: jsonb, generator: first_name }",
            "{ name: j, type: 'timestamp(3)', generator: email }",
            "{ name: k, type: 'text[]', generator: word }",
        ],
    ),
    (
        "numbers that end too soon",
        &[
            "{ name: a, type: bigint, generator: sequence, start: 9223372036854775800 }",
            "{ name: b, type: text, generator: sequence, start: -9223372036854775800, step: -1 }",
            "{ name: c, type: bigint, generator: sequence, start: 9223372036854775800, unique: true }",
        ],
    ),
    (
        "numbers that floating point rounds",
        &[
            "{ name: id, type: real, generator: sequence, start: 16777200 }",
            "{ name: a, type: double precision, generator: random_int, max: 9007199254740993, unique: true }",
            "{ name: b, type: real, generator: random_decimal, max: 99999, unique: true }",
        ],
    ),
    (
        "a primary key that can be null",
        &["{ name: id, type: integer, generator: sequence, null_probability: 0.1 }"],
    ),
    ("a primary key that is null", &["{ name: id, type: integer, generator: null }"]),
];

/// Mistakes in masking: the fields, and the rules.
const MASKS: &[(&str, &[&str], &[&str])] = &[
    (
        "rules that are not there",
        &[
            "{ name: email, type: text, generator: email }",
            "{ name: shoe_size, type: integer, generator: random_int, masking: true }",
            "{ name: ssn, type: varchar(11), generator: ssn }",
        ],
        &[
            "{ field: email, rule: anonymise_mail }",
            "{ field: ssn, rule: hash_ssn, algoritm: sha256 }",
        ],
    ),
    (
        "categories",
        &[
            "{ name: a, type: text, generator: word, pii_category: emial }",
            "{ name: b, type: text, generator: word, pii_category: blood group }",
            "{ name: c, type: integer, generator: random_int, pii_category: phone }",
            "{ name: d, type: text, generator: word, masking: false, pii_category: pasport }",
        ],
        &["{ field: b, rule: redact }"],
    ),
    (
        "masks that do not fit the values",
        &[
            "{ name: a, type: integer, generator: random_int }",
            "{ name: b, type: varchar(12), generator: word }",
            "{ name: c, type: varchar(4), generator: cvv }",
        ],
        &[
            "{ field: a, rule: replace_name }",
            "{ field: b, rule: anonymize_email }",
            "{ field: c, rule: redact, value: nothing }",
        ],
    ),
    (
        "masks that are not unique",
        &[
            "{ name: id, type: text, generator: uuid }",
            "{ name: phone, type: varchar(20), generator: phone_number, unique: true }",
            "{ name: name, type: text, generator: pattern, pattern: 'n{{index}}', unique: true, masking: true }",
            "{ name: ssn, type: varchar(4), generator: pattern, pattern: '{{digits:4}}', unique: true, masking: true }",
        ],
        &["{ field: id, rule: redact }", "{ field: phone, rule: redact_phone }"],
    ),
];

#[test]
fn every_mistake_in_a_field_is_told_where_it_was_made() {
    let mut told = String::new();
    for (title, fields) in FIELDS {
        writeln!(told, "## {title}\n\n{}\n", items(fields).expect_err(title)).unwrap();
    }
    for (title, fields, rules) in MASKS {
        let spec = format!(
            "  fields:\n    - {}\n  masking_rules:\n    - {}\n",
            fields.join("\n    - "),
            rules.join("\n    - ")
        );
        let library = library(&[("items", &spec)]);
        let mistakes = planned(&contract(["items"]), &library).expect_err(title);
        writeln!(told, "## {title}\n\n{mistakes}\n").unwrap();
        let mut unmasked = contract(["items"]);
        unmasked.apply_masking = false;
        assert!(planned(&unmasked, &library).is_ok(), "{title}: nothing is to be masked");
    }
    insta::assert_snapshot!("fields", told);
}

#[test]
fn a_category_means_to_mask_unless_the_field_says_not_to() {
    let fields = [
        "{ name: a, type: text, generator: word, pii_category: email }",
        "{ name: b, type: text, generator: word, pii_category: email, masking: false }",
        "{ name: work_email, type: text, generator: pattern, pattern: x, masking: true }",
        "{ name: homePhone2, type: text, generator: pattern, pattern: x, masking: true }",
        "{ name: note, type: text, generator: pattern, pattern: x }",
    ];
    let plan = items(&fields).unwrap();
    let masks: Vec<Option<&str>> = plan.datasets[0].fields.iter().map(|field| field.mask).collect();
    assert_eq!(
        masks,
        [Some("anonymize_email"), None, Some("anonymize_email"), Some("redact_phone"), None]
    );
}

#[test]
fn mistakes_in_references_are_told_where_they_were_made() {
    let users = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: code, type: varchar(10), generator: pattern, pattern: '{{digits:8}}', null_probability: 0.5 }
    - { name: big, type: bigint, generator: sequence, start: 5000000000 }
";
    let orders = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: user_id, type: integer, generator: reference, reference_table: usres, reference_field: id }
  relationships:
    - { foreignKey: account_id, references: accounts.id }
";
    let fits = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: user_id, type: integer, generator: reference, masking: true }
    - { name: one_id, type: integer, generator: reference, reference_table: users, reference_field: id, unique: true }
    - { name: unknown, type: integer, generator: reference, reference_table: users, reference_field: ident }
    - { name: text_id, type: text, generator: reference, reference_table: users, reference_field: id }
    - { name: big_id, type: integer, generator: reference, reference_table: users, reference_field: big }
    - { name: code, type: varchar(10), generator: reference, reference_table: users, reference_field: code }
    - { name: code_or_null, type: varchar(10), generator: reference, reference_table: users, reference_field: code, null_probability: 0.1 }
    - { name: short, type: varchar(5), generator: reference, reference_table: users, reference_field: code, null_probability: 0.1 }
  relationships:
    - { foreignKey: user_id, references: users.id }
";
    let circle = |other: &str| {
        format!(
            "  fields:
    - {{ name: id, type: integer, generator: reference, reference_table: {other}, reference_field: id, null_probability: 0.5 }}
"
        )
    };
    let library = library(&[
        ("users", users),
        ("orders", orders),
        ("fits", fits),
        ("chicken", &circle("egg")),
        ("egg", &circle("chicken")),
    ]);
    let mut told = String::new();
    for contract in
        [contract(["orders"]), contract(["fits"]).volume("users", 99), contract(["chicken"])]
    {
        writeln!(told, "## {contract}\n\n{}\n", planned(&contract, &library).unwrap_err()).unwrap();
    }
    insta::assert_snapshot!("references", told);
}

#[test]
fn mistakes_in_contracts_are_told() {
    let library = shop::shop();
    let mut told = String::new();
    for contract in [
        contract(["usres", "orders", "invoices"]),
        contract(["users"]).volume("acounts", 5).volume("orders", 5),
        contract(["users"]).volume("accounts", 0),
    ] {
        writeln!(told, "## {contract}\n\n{}\n", planned(&contract, &library).unwrap_err()).unwrap();
    }
    insta::assert_snapshot!("contracts", told);
    assert!(planned(&Contract::new(["users"], shop::as_of()), &library).is_ok());
}

#[test]
fn mistakes_in_several_files_are_told_at_once() {
    let parents = "  fields:
    - { name: id, type: integer, generator: sequence, step: 0 }
    - { name: kind, type: varchar(3), generator: choice, choices: [good, bad] }
";
    let children = "  fields:
    - { name: id, type: integer, generator: sequence, begin: 5 }
    - { name: email, type: text, generator: emial }
  relationships:
    - { foreignKey: parent_id, references: parents.id }
  validation:
    - { constraint: 'NOT NULL (id, parnet_id)' }
";
    let library = library(&[("parents", parents), ("children", children)]);
    let contract = contract(["children"]).volume("parent", 5);
    insta::assert_snapshot!("files", planned(&contract, &library).unwrap_err());
}

#[test]
fn values_that_fit_are_no_mistakes() {
    let fields = [
        "{ name: a, type: time, generator: choice, choices: ['10:00', '11:30'] }",
        "{ name: b, type: jsonb, generator: constant, value: '{}' }",
        "{ name: c, type: 'timestamp(3)', generator: datetime_between }",
        "{ name: d, type: 'timestamptz(0)', generator: constant, value: 2024-05-01 }",
        "{ name: e, type: money, generator: random_decimal }",
        "{ name: f, type: bigint, generator: sequence, start: 9223372036854775708 }",
        "{ name: g, type: real, generator: sequence, start: 16777000, unique: true }",
        "{ name: h, type: real, generator: random_decimal, max: 9999, unique: true }",
        "{ name: i, type: double precision, generator: random_decimal, unique: true }",
        "{ name: j, type: real, generator: random_int }",
        "{ name: k, type: bpchar, generator: sentence }",
    ];
    assert!(items(&fields).is_ok(), "{}", items(&fields).unwrap_err());
}

#[test]
fn a_plan_moves_into_a_schema() {
    let plan = planned(&contract(["users"]), &shop::shop()).unwrap().in_schema("own");
    assert!(plan.datasets.iter().all(|dataset| dataset.table.schema.as_deref() == Some("own")));
}

#[test]
fn references_to_rows_without_values_are_told_and_not_made() {
    let parent = "  fields:\n    - { name: id, type: boolean, generator: boolean, unique: true }\n";
    let child = "  fields:\n    - { name: id, type: integer, generator: sequence }\n  \
                 relationships:\n    - { foreignKey: parent_id, references: parent.id }\n";
    // A key that is shared is arranged, and draws in another way.
    let shared = "  fields:\n    - { name: id, type: integer, generator: sequence }\n  primary_key: [parent_id, id]\n  \
                  relationships:\n    - { foreignKey: parent_id, references: parent.id }\n";
    let shares = "  fields:\n    - { name: id, type: integer, generator: sequence }\n  \
                  relationships:\n    - { foreignKey: parent_id, references: parent.id }\n    \
                  - { foreignKey: [parent_id, shared_id], references: { shared: [parent_id, id] } }\n";
    let library =
        library(&[("parent", parent), ("child", child), ("shared", shared), ("shares", shares)]);
    for asked in ["child", "shares"] {
        let told = planned(&contract([asked]), &library).unwrap_err().to_string();
        assert!(told.contains("`id` is unique, but `boolean` has only 2"), "{told}");
    }
}

#[test]
fn two_datasets_have_two_tables() {
    let spec = "  fields:\n    - { name: id, type: integer, generator: sequence }\n  \
                relationships:\n    - { foreignKey: b_id, references: b.id }\n";
    let parent = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let library = library(&[("a", spec), ("b", parent)]);
    assert!(planned(&contract(["a"]), &library).is_ok());
    for same in ["a", "public.a"] {
        let mut library = library.clone();
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: b }}\nspec:\n  table: {same}\n{parent}"
        );
        library.insert(Source::new("b.yaml", text), "b", None);
        let told = planned(&contract(["a"]), &library).unwrap_err().to_string();
        assert!(
            told.contains("is that of the dataset `a`") && told.contains("b.yaml:5:10"),
            "{told}"
        );
    }
}

/// A library of a folder with these files.
fn folder(files: &[(&str, &str)]) -> Library {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let text = text.strip_prefix("spec:").map_or_else(
            || (*text).to_owned(),
            |spec| {
                format!(
                    "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\nspec:{spec}"
                )
            },
        );
        std::fs::write(folder.path().join(format!("{name}.yaml")), text).unwrap();
    }
    Files::read(folder.path(), "data_definitions").unwrap().library().clone()
}

/// The codes and files of mistakes, in the order they are told.
fn told(mistakes: &Diagnostics) -> Vec<String> {
    let line = |mistake: &Diagnostic| {
        let place = mistake.location().map(|(file, line, _)| format!(" {file}:{line}"));
        format!("{}{}", mistake.code(), place.unwrap_or_default())
    };
    mistakes.iter().map(line).collect()
}

const BROKEN: &str = "kind: {";

const ORDERS: &str = "spec:
  table: orders
  fields:
    - { name: id, type: integr, generator: sequence }
    - { name: code, type: text, generator: pattren }
  relationships:
    - { foreignKey: user_id, references: users.id }
    - { foreignKey: [a, b], references: { shops: [a, b] } }
  unique: [[user_id, a], [a, code]]
";

#[test]
fn a_file_that_does_not_parse_hides_no_mistake_of_others() {
    let library = folder(&[("users", BROKEN), ("shops", BROKEN), ("orders", ORDERS)]);
    let contract = contract(["orders"]).volume("ordres", 5);
    let mistakes = planned(&contract, &library).unwrap_err();
    assert_eq!(
        told(&mistakes),
        [
            "definition::yaml data_definitions/users.yaml:1",
            "definition::yaml data_definitions/shops.yaml:1",
            "contract::unknown_volume",
            "plan::unknown_type data_definitions/orders.yaml:7",
            "plan::unknown_generator data_definitions/orders.yaml:8",
        ],
        "{mistakes}"
    );
    // Before a database is asked, only what it cannot mend is told.
    let key = MaskKey::development();
    let early = |migrates| told(&check_early(&contract, &library, &key, migrates).unwrap_err());
    assert_eq!(early(false), told(&mistakes));
    assert_eq!(early(true).len(), 4);
}

#[test]
fn a_table_of_migrations_is_no_unknown_dataset_beside_other_mistakes() {
    let orders = "spec:
  table: orders
  fields: [{ name: id, type: integer, generator: sequence }]
  relationships:
    - { foreignKey: user_id, references: users.id }
    - { foreignKey: country, references: countries.code }
    - { foreignKey: city, references: geo.cities.id }
";
    let users =
        "spec:\n  table: users\n  fields: [{ name: id, typ: integer, generator: sequence }]\n";
    let files = [("users", users), ("orders", orders)];
    let mut beside = folder(&files);
    beside.set_beside_migrations(true);
    let key = MaskKey::development();
    let early = |contract: &Contract, library: &Library, migrates| {
        told(&check_early(contract, library, &key, migrates).unwrap_err())
    };
    let own = ["definition::missing_key data_definitions/users.yaml:6"];
    assert_eq!(early(&contract(["orders"]), &beside, true), own);
    // What the contract gets wrong brings no more with it.
    let contract = contract(["orders"]).volume("ordres", 5);
    let told = early(&contract, &beside, true);
    assert_eq!(told, [&own[..], &["contract::unknown_volume"]].concat());
    // Where nothing makes tables beside definitions, the references lead nowhere.
    let unknown = |line| format!("definition::unknown_dataset data_definitions/orders.yaml:{line}");
    let told = early(&contract, &folder(&files), false);
    assert!(told.contains(&unknown(9)) && told.contains(&unknown(10)), "{told:?}");
}

#[test]
fn mistakes_that_wait_for_tables_are_neither_counted_nor_in_the_way() {
    use std::fmt::Write as _;

    // Migrations may make the types, and columns of another type than the definition says of written rows.
    let mut fields = String::new();
    (0..150).for_each(|at| {
        writeln!(fields, "    - {{ name: c{at}, type: mood{at}, generator: word }}").unwrap()
    });
    let wide = format!(
        "spec:
  table: wide
  fields:
    - {{ name: id, type: integer, generator: sequence }}
{fields}    - {{ name: last, type: text, generator: wrod }}
"
    );
    let given = "spec:
  table: given
  rows: [{ id: x }, { id: 1 }]
  fields: [{ name: id, type: integer }]
";
    let users =
        "spec:\n  table: users\n  fields: [{ name: id, typ: integer, generator: sequence }]\n";
    let mut library = folder(&[("users", users), ("wide", &wide), ("given", given)]);
    library.set_beside_migrations(true);
    let contract = contract(["users", "wide", "given"]);
    let all = planned(&contract, &library).unwrap_err();
    assert!(all.len() > 150, "{all}");
    let mistakes = check_early(&contract, &library, &MaskKey::development(), true).unwrap_err();
    let own = "definition::missing_key data_definitions/users.yaml:6".to_owned();
    let generator = "plan::unknown_generator data_definitions/wide.yaml:158".to_owned();
    assert_eq!(told(&mistakes), [own, generator], "{mistakes}");
    assert_eq!((mistakes.len(), mistakes.rest()), (2, None));
}

#[test]
fn mistakes_of_a_dataset_hide_none_of_its_parents() {
    let orders = ORDERS.replace("unique:", "uniqe:");
    let users =
        "spec:\n  table: app_users\n  fields: [{ name: id, typ: integer, generator: sequence }]\n";
    let shops =
        "spec:\n  table: shops\n  fields: [{ name: a, type: integer, generator: squence }]\n";
    let library = folder(&[("users", users), ("shops", shops), ("orders", &orders)]);
    let mistakes = planned(&contract(["orders"]), &library).unwrap_err();
    let codes = told(&mistakes);
    assert_eq!(codes[0], "definition::unknown_key data_definitions/orders.yaml:12", "{mistakes}");
    assert!(codes[1].starts_with("definition::missing_key data_definitions/users.yaml"));
    assert!(codes.contains(&"plan::unknown_type data_definitions/orders.yaml:7".to_owned()));
    assert!(codes.contains(&"plan::unknown_generator data_definitions/orders.yaml:8".to_owned()));
    assert!(codes.contains(&"plan::unknown_generator data_definitions/shops.yaml:6".to_owned()));
}

#[test]
fn a_dataset_is_not_missing_where_its_file_has_mistakes() {
    let child = |target: &str| {
        format!(
            "spec:\n  table: notes\n  fields: [{{ name: id, type: integer, generator: sequence }}]\n  \
             relationships: [{{ foreignKey: user_id, references: {target}.id }}]\n"
        )
    };
    // By its table, which can be read, and by one that may be in the file that cannot.
    let users =
        "spec:\n  table: app_users\n  fields: [{ name: id, typ: integer, generator: sequence }]\n";
    let library = folder(&[("users", users), ("notes", &child("app_users"))]);
    let mistakes = planned(&contract(["notes"]), &library).unwrap_err();
    assert!(mistakes.iter().all(|mistake| mistake.code() != "definition::unknown_dataset"));
    let library = folder(&[("users", BROKEN), ("notes", &child("app_users"))]);
    let mistakes = planned(&contract(["notes"]), &library).unwrap_err();
    assert_eq!(told(&mistakes), ["definition::yaml data_definitions/users.yaml:1"]);
    let library = folder(&[("notes", &child("app_users"))]);
    let mistakes = planned(&contract(["notes"]), &library).unwrap_err();
    assert_eq!(told(&mistakes), ["definition::unknown_dataset data_definitions/notes.yaml:7"]);
    assert!(mistakes.to_string().contains("help: write data_definitions/app_users.yaml, such as:"));
}

#[test]
fn only_datasets_that_may_be_meant_are_suggested() {
    let spec = |table: &str, key: &str, references: &str| {
        format!(
            "spec:\n  table: {table}\n  fields: [{{ name: {key}, type: integer, generator: sequence }}]\n{references}"
        )
    };
    let references = |list: &[&str]| {
        let line = |target: &&str| {
            format!("    - {{ foreignKey: {target}_id, references: {target}.id }}\n")
        };
        format!("  relationships:\n{}", list.iter().map(line).collect::<String>())
    };
    let orders = spec("orders", "id", &references(&["customers", "shops"]));
    let payments = spec("payments", "id", &references(&["orders"]));
    let refunds = spec("refunds", "id", &references(&["payments"]));
    let library = folder(&[
        ("orders", &orders),
        ("payments", &payments),
        ("refunds", &refunds),
        ("shops", &spec("shops", "id", "")),
        ("regions", &spec("regions", "code", "")),
        ("persons", &spec("persons", "id", "")),
    ]);
    let mistakes = planned(&contract(["orders"]), &library).unwrap_err().to_string();
    let help = "help: use `persons`, or write data_definitions/customers.yaml, such as:";
    assert!(mistakes.contains(help), "{mistakes}");
    // A slip of its own name is one all the same.
    let notes = spec("notes", "id", &references(&["ntoes"]));
    let mistakes = planned(&contract(["notes"]), &folder(&[("notes", &notes)])).unwrap_err();
    assert!(mistakes.to_string().contains("did you mean `notes`?"), "{mistakes}");
}

//! Planning against a catalog: tables and types that migrations made.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers included")]

#[expect(dead_code, reason = "these tests need no example shop")]
mod shop;

use std::fmt::Write;
use std::sync::Arc;

use tdata_core::definition::Library;
use tdata_core::diagnostic::Diagnostics;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{
    Catalog, CatalogColumn, CatalogForeignKey, CatalogTable, CatalogType, Plan, plan,
};
use tdata_core::sql::{DomainCheck, DomainType, EnumType, Scalar, SqlType, TableName, TypeName};

use shop::{contract, library, planned};

fn items_library(fields: &[&str]) -> Library {
    library(&[("items", &format!("  fields:\n    - {}\n", fields.join("\n    - ")))])
}

fn table_name(name: &str) -> TableName {
    TableName { schema: Some("public".into()), name: name.into() }
}

fn column(name: &str, sql_type: &str) -> CatalogColumn {
    CatalogColumn {
        name: name.into(),
        sql_type: sql_type.parse().unwrap(),
        nullable: true,
        has_default: false,
        identity: None,
        generated: false,
    }
}

fn enumeration(name: &str, labels: &[&str]) -> SqlType {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    SqlType::Enum(Arc::new(EnumType { name: TypeName::new(name), labels }))
}

fn domain(name: &str, base: SqlType) -> SqlType {
    let check =
        DomainCheck { name: format!("{name}_check"), condition: "VALUE IS NOT NULL".into() };
    let name = TypeName::new(name);
    SqlType::Domain(Arc::new(DomainType { name, base, not_null: false, checks: vec![check] }))
}

/// Types that a migration put into a schema.
fn known(schema: &str, is_visible: bool, types: &[SqlType]) -> Vec<CatalogType> {
    types
        .iter()
        .map(|sql_type| CatalogType {
            schema: schema.into(),
            name: sql_type.to_string().trim_matches('"').into(),
            is_visible,
            sql_type: sql_type.clone(),
        })
        .collect()
}

fn not_null(name: &str, sql_type: &str) -> CatalogColumn {
    CatalogColumn { nullable: false, ..column(name, sql_type) }
}

fn table(name: &str, columns: Vec<CatalogColumn>) -> CatalogTable {
    CatalogTable {
        name: table_name(name),
        columns,
        primary_key: Vec::new(),
        unique: Vec::new(),
        nulls_equal: Vec::new(),
        foreign_keys: Vec::new(),
        has_children: false,
    }
}

fn catalog(tables: Vec<CatalogTable>) -> Catalog {
    Catalog { tables, search_path: vec!["public".into()], ..Catalog::default() }
}

/// Plans `items` of these fields against its table.
fn against(fields: &[&str], table: CatalogTable) -> Result<Plan, Diagnostics> {
    let contract = contract(["items"]).volume("items", 100);
    let library = items_library(fields);
    plan(&contract, &library, &MaskKey::development(), &catalog(vec![table]))
}

#[test]
fn definitions_are_checked_against_their_tables() {
    let fields = [
        "{ name: id, type: integer, generator: sequence, null_probability: 0.5 }",
        "{ name: emial, type: text, generator: email }",
        "{ name: total, type: 'decimal(10,2)', generator: random_decimal, max: 100 }",
        "{ name: note, type: text, generator: sentence, null_probability: 0.5 }",
        "{ name: reason, type: text, generator: null }",
        "{ name: state, type: text, generator: choice, choices: [draft, payed, 'on hold'] }",
        "{ name: kind, type: varchar(20), generator: choice, choices: [ordinary, exceptional] }",
        "{ name: code, type: varchar(40), generator: pattern, pattern: 'code-{{index}}' }",
        "{ name: flag, type: text, generator: boolean }",
    ];
    let mut table = table(
        "items",
        vec![
            not_null("id", "integer"),
            not_null("email", "text"),
            CatalogColumn { generated: true, ..column("total", "numeric(10,2)") },
            not_null("note", "text"),
            not_null("reason", "text"),
            CatalogColumn {
                sql_type: enumeration("invoice_state", &["draft", "sent", "paid", "on_hold"]),
                ..not_null("state", "text")
            },
            not_null("kind", "varchar(8)"),
            not_null("code", "varchar(6)"),
            not_null("flag", "integer"),
            not_null("tenant", "integer"),
            CatalogColumn { has_default: true, ..not_null("created_at", "timestamptz") },
        ],
    );
    table.primary_key = vec!["id".into()];
    table.unique = vec![vec!["id".into()]];
    insta::assert_snapshot!("tables", against(&fields, table).unwrap_err());
}

#[test]
fn labels_are_checked_in_finished_values() {
    let fields = [
        "{ name: a, type: mood, generator: choice, choices: [glad, sad] }",
        "{ name: b, type: mood, generator: boolean }",
        "{ name: c, type: mood, generator: pattern, pattern: 'mood-{{index}}' }",
        "{ name: d, type: mood, generator: sequence }",
        "{ name: e, type: mood, generator: choice, choices: [glad, sad], null_probability: 0.1 }",
        "{ name: f, type: mood, generator: constant, value: glad, masking: true, pii_category: cvv }",
        "{ name: g, type: mood, generator: null }",
    ];
    let columns = ["a", "b", "c", "d", "e", "f", "g"].map(|name| CatalogColumn {
        sql_type: enumeration("mood", &["glad", "sad"]),
        ..column(name, "text")
    });
    let mistakes = against(&fields, table("items", columns.to_vec())).unwrap_err();
    insta::assert_snapshot!("labels", mistakes);
}

#[test]
fn types_are_known_by_the_catalog_or_unknown() {
    let fields = [
        "{ name: id, type: integer, generator: sequence }",
        "{ name: a, type: rate, generator: constant, value: x }",
        "{ name: b, type: '\"OrderState\"', generator: constant, value: x }",
        "{ name: c, type: 'shop.mood[]', generator: constant, value: '{}' }",
    ];
    let named = |name: &str| SqlType::named(name);
    let mut types = known("public", true, &[named("rate"), named("OrderState")]);
    types.extend(known("shop", false, &[named("mood")]));
    let (contract, library) = (contract(["items"]), items_library(&fields));
    let planned = |types: Vec<CatalogType>| {
        let catalog = Catalog { types, ..Catalog::default() };
        plan(&contract, &library, &MaskKey::development(), &catalog)
    };
    let plan = planned(types).unwrap();
    let made = plan.datasets[0].create_table();
    assert!(made.contains("\"b\" \"OrderState\" NOT NULL"), "{made}");
    let mut others = known("public", true, &[named("orderstate")]);
    others.extend(known("elsewhere", false, &[named("mood")]));
    insta::assert_snapshot!("types", planned(others).unwrap_err());
}

/// Fields of domains over domains, and of an enum under a domain.
const DOMAINS: [&str; 6] = [
    "{ name: id, type: counter, generator: sequence }",
    "{ name: code, type: code, generator: pattern, pattern: 'code-{{index:8}}' }",
    "{ name: email, type: short, generator: constant, value: ann@example.org }",
    "{ name: mood, type: open_mood, generator: choice, choices: [glad, angry] }",
    "{ name: share, type: share, generator: random_decimal }",
    "{ name: at, type: moment, generator: boolean }",
];

fn domains() -> Vec<SqlType> {
    let short = domain("short", Scalar::Varchar(Some(12)).into());
    let mood = enumeration("mood", &["glad", "sad"]);
    vec![
        domain("counter", Scalar::SmallInt.into()),
        domain("code", short.clone()),
        short,
        domain("open_mood", domain("any_mood", mood)),
        domain("share", Scalar::Numeric(Some((2, 1))).into()),
        domain("moment", domain("instant", Scalar::Timestamp(Some(3)).into())),
    ]
}

#[test]
fn values_fit_what_a_domain_is_over_in_the_table_and_where_a_definition_names_it() {
    let columns = domains().into_iter().zip(["id", "code", "email", "mood", "share", "at"]);
    let columns =
        columns.map(|(sql_type, name)| CatalogColumn { sql_type, ..column(name, "text") });
    let in_table = against(&DOMAINS, table("items", columns.collect())).unwrap_err();
    insta::assert_snapshot!("domains", in_table);

    let types = known("public", true, &domains());
    let catalog = Catalog { types, ..Catalog::default() };
    let contract = contract(["items"]).volume("items", 100);
    let library = items_library(&DOMAINS);
    let named = plan(&contract, &library, &MaskKey::development(), &catalog).unwrap_err();
    insta::assert_snapshot!("domains_by_name", named);
}

#[test]
fn a_table_that_is_made_has_the_domains_that_its_definition_names() {
    let mut fields = DOMAINS;
    fields[1] = "{ name: code, type: code, generator: pattern, pattern: 'c-{{index}}' }";
    fields[2] = "{ name: email, type: short, generator: constant, value: a@b.test }";
    fields[3] = "{ name: mood, type: 'open_mood', generator: choice, choices: [glad, sad] }";
    fields[5] = "{ name: at, type: moment, generator: datetime_between }";
    let mut not_null = domains();
    let text = SqlType::Scalar(Scalar::Text);
    not_null.push(SqlType::Domain(Arc::new(DomainType {
        name: TypeName::new("note"),
        base: domain("remark", text),
        not_null: true,
        checks: Vec::new(),
    })));
    let types = known("public", true, &not_null);
    let catalog = Catalog { types, ..Catalog::default() };
    let planned = |fields: &[&str]| {
        let contract = contract(["items"]).volume("items", 100);
        plan(&contract, &items_library(fields), &MaskKey::development(), &catalog)
    };
    let plan = planned(&fields).unwrap();
    let dataset = &plan.datasets[0];
    let made = dataset.create_table();
    // A domain is no type for an identity column.
    assert!(made.contains("\"id\" counter PRIMARY KEY"), "{made}");
    assert!(made.contains("\"code\" code NOT NULL"), "{made}");
    let mut row = Vec::new();
    dataset.write_row(0, &mut row);
    assert!(matches!(row[5], tdata_core::value::Value::Timestamp(_)), "{row:?}");
    assert!(row[4].to_string().len() == 3, "one digit behind the point: {row:?}");

    let note = "{ name: note, type: note, generator: sentence, null_probability: 0.5 }";
    let mistakes = planned(&["{ name: id, type: integer, generator: sequence }", note]);
    insta::assert_snapshot!("not_null_domain", mistakes.unwrap_err());
}

#[test]
fn columns_with_defaults_need_no_field_and_may_be_in_constraints() {
    let spec = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: updated_at, type: timestamp, generator: datetime_between }
  validation:
    - { constraint: 'NOT NULL (id, created_at)' }
";
    let columns = vec![
        not_null("id", "integer"),
        column("updated_at", "timestamp"),
        CatalogColumn { has_default: true, ..not_null("created_at", "timestamp") },
    ];
    let catalog = catalog(vec![table("items", columns)]);
    let library = library(&[("items", spec)]);
    let plan = plan(&contract(["items"]), &library, &MaskKey::development(), &catalog).unwrap();
    assert!(plan.datasets[0].table_exists);
    assert!(plan.datasets[0].primary_key.is_empty());
    assert_eq!(planned(&contract(["items"]), &library).unwrap_err().len(), 1);
}

/// A table whose columns `a` to `d` are integers, with groups of them that are unique together.
fn grouped(groups: &[&[&str]]) -> CatalogTable {
    let columns = ["a", "b", "c", "d"].map(|name| column(name, "integer")).to_vec();
    let mut table = table("items", columns);
    table.unique = groups
        .iter()
        .map(|group| group.iter().map(|column| (*column).to_owned()).collect())
        .collect();
    table
}

/// Fields `a` to `d` of ten values each.
const TENS: [&str; 4] = [
    "{ name: a, type: integer, generator: random_int, min: 1, max: 10 }",
    "{ name: b, type: integer, generator: random_int, min: 1, max: 10 }",
    "{ name: c, type: integer, generator: random_int, min: 1, max: 10, null_probability: 0.5 }",
    "{ name: d, type: integer, generator: random_int, min: 1, max: 9 }",
];

/// How many different combinations of fields the rows have.
fn combinations(plan: &Plan, group: &[&str]) -> usize {
    let dataset = &plan.datasets[0];
    let mut row = Vec::new();
    let combinations: std::collections::HashSet<String> = (0..dataset.rows)
        .map(|index| {
            dataset.write_row(index, &mut row);
            let fields = dataset.fields.iter().zip(&row);
            let members = fields.filter(|(field, _)| group.contains(&field.name.as_str()));
            members.map(|(_, value)| format!("{value} ")).collect()
        })
        .collect();
    combinations.len()
}

#[test]
fn fields_that_are_unique_together_are_kept_apart() {
    let plan = against(&TENS, grouped(&[&["a", "b"]])).unwrap();
    assert_eq!(combinations(&plan, &["a", "b"]), 100);
    assert!(!plan.datasets[0].field("a").unwrap().unique);
    // A group that contains another is apart where that is; the order does not matter.
    for groups in [[&["a", "b"][..], &["b", "d", "a"]], [&["b", "d", "a"], &["a", "b"]]] {
        let plan = against(&TENS, grouped(&groups)).unwrap();
        assert_eq!(combinations(&plan, &["a", "b"]), 100);
    }
}

#[test]
fn a_field_with_nulls_may_be_unique_together_with_others() {
    let plan = against(&TENS, grouped(&[&["a", "c"]])).unwrap();
    let dataset = &plan.datasets[0];
    let mut row = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for index in 0..dataset.rows {
        dataset.write_row(index, &mut row);
        if !row[2].is_null() {
            assert!(seen.insert(format!("{} {}", row[0], row[2])), "row {index}");
        }
    }
}

#[test]
fn a_field_that_counts_rows_keeps_any_group_apart() {
    let mut fields = TENS;
    fields[0] = "{ name: a, type: integer, generator: sequence }";
    let plan = against(&fields, grouped(&[&["a", "b"], &["b", "c"]])).unwrap();
    assert_eq!(combinations(&plan, &["a", "b"]), 100);
}

#[test]
fn groups_that_cannot_be_kept_apart_are_mistakes() {
    let mut told = String::new();
    for groups in [&[&["b", "d"][..]][..], &[&["a", "d"], &["d", "c"]], &[&["a", "b"], &["c", "d"]]]
    {
        let mistakes = against(&TENS, grouped(groups)).unwrap_err();
        writeln!(told, "## {groups:?}\n\n{mistakes}\n").unwrap();
    }
    let mut masked = TENS;
    masked[1] = "{ name: b, type: text, generator: first_name, masking: true }";
    let mut table = grouped(&[&["a", "b"]]);
    table.columns[1] = column("b", "text");
    writeln!(told, "## masked\n\n{}\n", against(&masked, table).unwrap_err()).unwrap();
    insta::assert_snapshot!("groups", told);
}

#[test]
fn groups_that_share_a_field_are_kept_apart() {
    for groups in [&[&["a", "b"][..], &["b", "c"]][..], &[&["a", "b"], &["b", "c"], &["a", "c"]]] {
        let plan = against(&TENS, grouped(groups)).unwrap();
        assert_eq!(combinations(&plan, &["a", "b"]), 100);
        assert!(combinations(&plan, &["b", "c"]) >= 50, "half of `c` is null");
    }
}

#[test]
fn a_unique_field_opens_groups_that_overlap() {
    let mut fields = TENS;
    fields[1] = "{ name: b, type: integer, generator: random_int, max: 500, unique: true }";
    let plan = against(&fields, grouped(&[&["a", "b"], &["b", "c"]])).unwrap();
    assert_eq!(combinations(&plan, &["b"]), 100);
}

#[test]
fn a_constraint_that_can_wait_gives_way_in_a_cycle() {
    let spec = |other: &str| {
        format!(
            "  fields:
    - {{ name: id, type: integer, generator: sequence }}
  relationships:
    - {{ foreignKey: {other}_id, references: {other}.id }}
"
        )
    };
    let library = library(&[("a", &spec("b")), ("b", &spec("a"))]);
    let without = planned(&contract(["a"]), &library).unwrap();
    assert_eq!(without.datasets[0].name, "a");
    let mut table = table("b", vec![column("id", "integer"), column("a_id", "integer")]);
    table.foreign_keys.push(CatalogForeignKey {
        name: "b_a".into(),
        columns: vec!["a_id".into()],
        references: table_name("a"),
        referenced_columns: vec!["id".into()],
        deferrable: true,
        match_full: false,
    });
    let plan = plan(&contract(["a"]), &library, &MaskKey::development(), &catalog(vec![table]));
    let names: Vec<String> =
        plan.unwrap().datasets.into_iter().map(|dataset| dataset.name).collect();
    assert_eq!(names, ["b", "a"]);
}

/// Tables of users and of notes on them, with a key of two columns; `match_full` is how it takes nulls.
fn notes_on_users(match_full: bool) -> Catalog {
    let mut users =
        table("users", vec![not_null("tenant_id", "integer"), not_null("id", "integer")]);
    users.primary_key = vec!["tenant_id".into(), "id".into()];
    users.unique = vec![users.primary_key.clone()];
    let columns = ["tenant_id", "user_id"].map(|name| column(name, "integer"));
    let mut notes = table("notes", columns.to_vec());
    notes.foreign_keys.push(CatalogForeignKey {
        name: "notes_user".into(),
        columns: vec!["tenant_id".into(), "user_id".into()],
        references: table_name("users"),
        referenced_columns: vec!["tenant_id".into(), "id".into()],
        deferrable: false,
        match_full,
    });
    catalog(vec![users, notes])
}

#[test]
fn a_key_of_two_columns_is_met_as_its_table_takes_nulls() {
    let users = "  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: tenant_id, type: integer, generator: random_int, max: 4 }
";
    let notes = |nulls: &str| {
        format!(
            "  fields:
    - {{ name: tenant_id, type: integer{nulls} }}
    - {{ name: user_id, type: integer, null_probability: 0.5 }}
  relationships:
    - {{ foreignKey: [tenant_id, user_id], references: {{ users: [tenant_id, id] }} }}
"
        )
    };
    let planned = |nulls: &str, match_full| {
        let library = library(&[("users", users), ("notes", &notes(nulls))]);
        let catalog = notes_on_users(match_full);
        plan(&contract(["notes"]), &library, &MaskKey::development(), &catalog)
    };
    let both = ", null_probability: 0.5";
    for (nulls, match_full) in [("", false), (both, false), (both, true)] {
        let plan = planned(nulls, match_full).unwrap();
        let dataset = plan.dataset("notes").unwrap();
        let mut row = Vec::new();
        for index in 0..dataset.rows {
            dataset.write_row(index, &mut row);
            assert!(nulls.is_empty() || row[0].is_null() == row[1].is_null(), "row {index}");
        }
    }
    insta::assert_snapshot!("match_full", planned("", true).unwrap_err());
}

#[test]
fn relationships_lead_where_the_keys_of_the_table_lead() {
    let spec = |name: &str| {
        format!(
            "  fields:
    - {{ name: id, type: integer, generator: sequence }}
  relationships:
    - {{ foreignKey: user_id, references: {name}.id }}
"
        )
    };
    let parent = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let mut notes = table("notes", vec![column("id", "integer"), column("user_id", "integer")]);
    notes.foreign_keys.push(CatalogForeignKey {
        name: "notes_user".into(),
        columns: vec!["user_id".into()],
        references: table_name("users"),
        referenced_columns: vec!["id".into()],
        deferrable: false,
        match_full: false,
    });
    let catalog = catalog(vec![notes, table("users", vec![column("id", "integer")])]);
    for (parent_name, is_told) in [("users", false), ("members", true)] {
        let library = library(&[("notes", &spec(parent_name)), (parent_name, parent)]);
        let planned = plan(&contract(["notes"]), &library, &MaskKey::development(), &catalog);
        let told = planned.err().map(|mistakes| mistakes.to_string()).unwrap_or_default();
        assert_eq!(told.contains("and the rows of `members` are in"), is_told, "{told}");
        assert_eq!(told.contains("notes.yaml:9:"), is_told, "{told}");
    }
}

#[test]
fn a_column_of_a_key_is_demanded_with_its_relationship() {
    let key = |columns: &[&str], references: &str, referenced: &[&str]| CatalogForeignKey {
        name: columns.join("_"),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        references: table_name(references),
        referenced_columns: referenced.iter().map(|name| (*name).to_owned()).collect(),
        deferrable: false,
        match_full: false,
    };
    let columns = ["id", "user_id", "shop", "till", "note"];
    let columns = columns.map(|name| not_null(name, "integer")).to_vec();
    let told = |fields: &[&str]| {
        let foreign_keys =
            vec![key(&["user_id"], "users", &["id"]), key(&["shop", "till"], "tills", &["a", "b"])];
        let table = CatalogTable { foreign_keys, ..table("items", columns.clone()) };
        against(fields, table).unwrap_err().to_string().replace("\n              ", "\n")
    };
    let id = "{ name: id, type: integer, generator: sequence }";
    let note = "{ name: note, type: integer, generator: sequence }";
    let text = told(&[id, note]);
    assert!(text.contains("demands values for `user_id`, `shop`, `till`"), "{text}");
    let lines = "- { foreignKey: user_id, references: users.id }\n\
                 - { foreignKey: [shop, till], references: { tills: [a, b] } }";
    assert!(text.contains(&format!("help: add under `relationships`:\n{lines}")), "{text}");
    let text = told(&[id]);
    let help = "help: add `note` under `fields`, or defaults to the columns; and add under `relationships`:";
    assert!(text.contains(help) && text.contains(lines), "{text}");
}

#[test]
fn where_nulls_are_equal_one_row_may_have_one() {
    let told = |fields: &[&str], group: &[&str]| {
        let group: Vec<String> = group.iter().map(|name| (*name).to_owned()).collect();
        let columns = vec![column("a", "bigint"), column("b", "bigint")];
        let (unique, nulls_equal) = (vec![group.clone()], vec![group]);
        let table = CatalogTable { unique, nulls_equal, ..table("items", columns) };
        against(fields, table).err().map(|told| told.to_string()).unwrap_or_default()
    };
    let a = "{ name: a, type: bigint, generator: random_int, null_probability: 0.5 }";
    let free = "{ name: b, type: bigint, generator: random_int }";
    let counted = "{ name: b, type: bigint, generator: random_int, unique: true }";
    for told in
        [told(&[a, free], &["a"]), told(&[a, counted], &["a"]), told(&[a, free], &["a", "b"])]
    {
        assert!(told.contains("`a` is null in several rows"), "{told}");
        assert!(told.contains("help: drop `null_probability`, or let the migration"), "{told}");
    }
    assert_eq!(told(&[a, counted], &["a", "b"]), "");
    let never = a.replace(", null_probability: 0.5", "");
    assert_eq!(told(&[&never, free], &["a"]), "");
    // A column that the definition leaves out is the table's.
    assert_eq!(told(&[free], &["a", "b"]), "");
}

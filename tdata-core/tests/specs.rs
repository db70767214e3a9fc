//! Specs built in code, without a definition's text: planned, and what is said of their mistakes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use tdata_core::contract::Contract;
use tdata_core::definition::Library;
use tdata_core::diagnostic::{Diagnostics, Located, Origin};
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};
use tdata_core::spec::{
    Constraint, DatasetSpec, Field, MaskingRule, Node, NodeKind, Parameters, Relationship,
};
use tdata_core::sql::TableName;
use tdata_core::value::Value;

fn located<T>(value: impl Into<T>, origin: &str) -> Located<T> {
    Located::new(value.into(), Origin::named(origin))
}

fn dataset(name: &str) -> DatasetSpec {
    let origin = format!("table public.{name}");
    let table = TableName { schema: Some("public".into()), name: name.into() };
    DatasetSpec::new(located(name, &origin), located(table, &origin))
}

fn field(dataset: &str, name: &str, sql_type: &str, generator: &str) -> Field {
    let origin = format!("column {name} of public.{dataset}");
    let mut field = Field::new(located(name, &origin));
    field.sql_type = Some(Located::new(sql_type.parse().unwrap(), Origin::named(&*origin)));
    field.generator = Some(located(generator, &origin));
    field
}

fn scalar(text: &str, origin: &str) -> Node {
    Node {
        kind: NodeKind::Scalar { text: text.into(), plain: true },
        origin: Origin::named(origin),
    }
}

fn planned(specs: impl IntoIterator<Item = DatasetSpec>) -> Result<Plan, Diagnostics> {
    let mut library = Library::default();
    let mut names = Vec::new();
    for spec in specs {
        names.push(spec.name.value.clone());
        library.add(spec);
    }
    let contract = Contract::new(names.iter().map(String::as_str), "2024-05-01".parse().unwrap());
    plan(&contract, &library, &MaskKey::development(), &Catalog::default())
}

#[test]
fn a_spec_of_code_is_planned_as_one_of_a_definition_is() {
    let mut users = dataset("users");
    users.rows = 3;
    users.fields.push(field("users", "id", "bigint", "sequence"));
    let mut orders = dataset("orders");
    orders.rows = 5;
    let mut id = field("orders", "id", "bigint", "sequence");
    let start = (located("start", "the default"), scalar("10", "the default"));
    id.parameters = Parameters::new(vec![start]);
    orders.fields.push(id);
    orders.relationships.push(Relationship {
        foreign_key: vec![located("user_id", "foreign key orders_user_id_fkey")],
        dataset: located("public.users", "foreign key orders_user_id_fkey"),
        fields: vec![located("id", "foreign key orders_user_id_fkey")],
        on_delete: Default::default(),
    });

    let plan = planned([orders, users]).unwrap();
    let names: Vec<&str> = plan.datasets.iter().map(|dataset| dataset.name.as_str()).collect();
    assert_eq!(names, ["users", "orders"]);
    let mut row = Vec::new();
    plan.dataset("orders").unwrap().write_row(4, &mut row);
    assert_eq!(row[0], Value::Int(14));
    assert!(matches!(row[1], Value::Int(1..=3)), "{row:?}");
}

#[test]
fn every_mistake_in_a_spec_of_code_names_the_part_that_it_is_in() {
    let mut users = dataset("users");
    users.fields.push(field("users", "id", "smallint", "sequnce"));
    let mut email = field("users", "email", "varchar(5)", "email");
    let unknown =
        (located("domian", "parameter domian"), scalar("example.org", "parameter domian"));
    email.parameters = Parameters::new(vec![unknown]);
    users.fields.push(email);
    let mut age = field("users", "age", "smallint", "random_int");
    let least = (located("min", "check age_check"), scalar("old", "check age_check"));
    age.parameters = Parameters::new(vec![least]);
    users.fields.push(age);
    users.constraints.push(Constraint {
        text: located("NOT NULL (id, emial)", "check users_check"),
        description: None,
    });
    let mistakes = planned([users]).unwrap_err();
    assert!(mistakes.iter().all(|mistake| mistake.origin().is_some()));
    assert!(mistakes.iter().all(|mistake| mistake.location().is_none()), "no place in a text");
    insta::assert_snapshot!("mistakes_of_a_spec_in_code", mistakes);
}

#[test]
fn what_a_spec_can_be_wrong_in_by_itself_is_told_when_it_is_asked_for() {
    let mut users = dataset("users");
    users.fields.push(field("users", "id", "bigint", "sequence"));
    users.fields.push(Field::new(located("id", "column id of public.users, again")));
    users.masking_rules.push(MaskingRule {
        field: located("emial", "the rule for emial"),
        rule: located("redact", "the rule for emial"),
        parameters: Parameters::default(),
        origin: Origin::named("the rule for emial"),
    });
    insta::assert_snapshot!("a_spec_wrong_by_itself", planned([users]).unwrap_err());
}

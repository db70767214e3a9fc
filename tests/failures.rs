//! What goes wrong is told clearly, and nothing is left of it.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use project::Project;
use tdata::{Error, Isolation, Stage, TestData};

const FIELDS: &str = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";

fn provision(project: &Project, datasets: &[&str]) -> Result<TestData, Error> {
    TestData::request(datasets.iter().copied()).project(project.path()).provision()
}

fn told(project: &Project, datasets: &[&str], stage: Stage) -> String {
    let error = provision(project, datasets).unwrap_err();
    let text = error.to_string();
    assert_eq!(error.stage(), stage, "{text}");
    text
}

fn assert_contains(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn an_unknown_dataset_is_told_with_the_nearest() {
    let project = Project::with(&[]).define("users", FIELDS);
    let text = told(&project, &["usres"], Stage::Plan);
    assert_contains(&text, &["there is no dataset `usres`", "did you mean `users`?"]);
}

#[test]
fn mistakes_in_several_definitions_are_told_at_once() {
    let project = Project::with(&[])
        .define("users", "  fields:\n    - { name: id, type: integr, generator: sequence }\n")
        .define(
            "orders",
            "  fields:\n    - { name: id, type: integer, generator: sequense }\n  feilds: 1\n",
        );
    let text = told(&project, &["users", "orders"], Stage::Plan);
    assert_contains(
        &text,
        &[
            "data_definitions/users.yaml:7",
            "did you mean `integer`?",
            "data_definitions/orders.yaml:8",
            "did you mean `fields`?",
        ],
    );
}

#[test]
fn a_unique_field_of_too_small_capacity_is_told_before_the_first_row() {
    let fields = "  volume: { count: 50 }\n  fields:\n    - { name: id, type: integer, generator: random_int, min: 1, max: 10, unique: true }\n";
    let project = Project::with(&[]).define("dice", fields);
    let text = told(&project, &["dice"], Stage::Plan);
    assert_contains(
        &text,
        &["only 10 different values for 50 rows", "data_definitions/dice.yaml:8"],
    );
}

#[test]
fn a_cycle_of_keys_that_cannot_be_null_loads() {
    let half = |other: &str| {
        format!(
            "{FIELDS}  relationships:\n    - {{ foreignKey: {other}_id, references: {other}.id }}\n"
        )
    };
    let project = Project::with(&[]).define("hens", &half("eggs")).define("eggs", &half("hens"));
    let data = provision(&project, &["hens"]).unwrap();
    assert_eq!(data.counts().into_iter().collect::<Vec<_>>(), [("eggs", 100), ("hens", 100)]);
}

#[test]
fn a_cycle_with_a_key_that_can_be_null_loads() {
    let hens =
        format!("{FIELDS}  relationships:\n    - {{ foreignKey: egg_id, references: eggs.id }}\n");
    let eggs = format!(
        "{FIELDS}    - {{ name: hen_id, type: integer, generator: reference, null_probability: 0.2 }}\n  \
         relationships:\n    - {{ foreignKey: hen_id, references: hens.id }}\n"
    );
    let project = Project::with(&[]).define("hens", &hens).define("eggs", &eggs);
    let data = provision(&project, &["hens"]).unwrap();
    assert_eq!(data.counts().into_iter().collect::<Vec<_>>(), [("eggs", 100), ("hens", 100)]);
}

#[test]
fn a_violated_constraint_tells_count_and_rows_and_no_value() {
    let rules = "  validation:\n    - { constraint: \"id < 98 -- at most\", description: \"Few\" }\n    - { constraint: \"id <> 5\" }\n";
    let project = Project::with(&[]).define("users", &format!("{FIELDS}{rules}"));
    let text = told(&project, &["users"], Stage::Validate);
    assert_contains(
        &text,
        &[
            "3 rows violate `id < 98 -- at most` of the dataset `users`: row indices 97, 98, 99",
            "Few",
            "data_definitions/users.yaml:9",
            "1 row violates `id <> 5` of the dataset `users`: row index 4",
        ],
    );
}

#[test]
fn constraints_of_migrations_are_told_with_what_they_demand_and_whose_fields() {
    let migration = "CREATE DOMAIN posint AS int CONSTRAINT above_zero CHECK (VALUE > 4711);
        CREATE TABLE checks (id int PRIMARY KEY, a int, b int, CONSTRAINT fits CHECK (a < b));
        CREATE TABLE domains (id int PRIMARY KEY, amount posint);
        CREATE TABLE excludes (id int PRIMARY KEY, a int, EXCLUDE USING btree (a WITH =));
        CREATE TABLE uniques (id int PRIMARY KEY, a int);
        CREATE UNIQUE INDEX once ON uniques (abs(a));
        CREATE TABLE partial (id int PRIMARY KEY, a int, b int);
        CREATE UNIQUE INDEX once_where ON partial (a) INCLUDE (id) WHERE b > 0;
        CREATE TABLE nulls (id int PRIMARY KEY, a int NOT NULL);
        CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a = NULL; RETURN NEW; END $$;
        CREATE TRIGGER forget BEFORE INSERT ON nulls FOR EACH ROW EXECUTE FUNCTION forget();";
    let field = |name: &str| {
        format!("    - {{ name: {name}, type: integer, generator: constant, value: 815 }}\n")
    };
    let (a, b) = (field("a"), field("b"));
    for (dataset, fields, parts) in [
        (
            "checks",
            format!("{a}{b}"),
            vec![
                "fits",
                "CHECK ((a < b))",
                "`a` is at data_definitions/checks.yaml:8",
                "`b` is at data_definitions/checks.yaml:9",
                "Let the generator of `a` and `b` make only values",
            ],
        ),
        (
            "domains",
            field("amount"),
            vec![
                "above_zero",
                "CHECK ((VALUE > 4711))",
                "`amount` is at data_definitions/domains.yaml:8",
                "row index 0",
            ],
        ),
        (
            "excludes",
            a.clone(),
            vec![
                "EXCLUDE USING btree (a WITH =)",
                "`a` is at data_definitions/excludes.yaml:8",
                "exclusion constraint",
                "row index 1",
            ],
        ),
        (
            "uniques",
            a.clone(),
            vec![
                "UNIQUE INDEX once ON public.uniques USING btree (abs(a))",
                "row index 1",
                "`a` is at data_definitions/uniques.yaml:8",
                "Let the values of its expressions differ: make `a` `unique: true`",
            ],
        ),
        (
            "partial",
            format!("{a}{b}"),
            vec![
                "WHERE (b > 0)",
                "row index 1",
                "`a` is at data_definitions/partial.yaml:8",
                "Let no two rows for which its condition holds have the same `a`",
            ],
        ),
        (
            "nulls",
            a.clone(),
            vec!["`a` is at data_definitions/nulls.yaml:8", "trigger", "row index 0"],
        ),
    ] {
        let project = Project::with(&[
            ("tdata.toml", "migrations = \"migrations\"\n"),
            ("migrations/1.sql", migration),
        ])
        .define(dataset, &format!("{FIELDS}{fields}"));
        let text = told(&project, &[dataset], Stage::Load);
        assert_contains(&text, &parts);
        assert!(!text.contains("815"), "{text}");
    }
}

#[test]
fn a_constraint_that_is_no_sql_is_told() {
    let rules =
        "  validation:\n    - { constraint: \"id <\" }\n    - { constraint: \"nam = 1\" }\n";
    let project = Project::with(&[]).define("users", &format!("{FIELDS}{rules}"));
    let text = told(&project, &["users"], Stage::Validate);
    assert_contains(&text, &["cannot judge `id <`", "cannot judge `nam = 1`", "users.yaml:9"]);
}

#[test]
fn a_failing_migration_is_told_with_its_line() {
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"migrations\"\n"),
        ("migrations/1_a.sql", "CREATE TABLE users (id int PRIMARY KEY);\n"),
        ("migrations/2_b.sql", "SELECT 1;\n\nALTER TABLE user_s ADD COLUMN a int;\n"),
    ])
    .define("users", FIELDS);
    for isolation in [Isolation::Full, Isolation::Schema] {
        let request = TestData::request(["users"]).project(project.path()).isolation(isolation);
        let error = request.provision().unwrap_err();
        assert_eq!(error.stage(), Stage::Migrate);
        assert_eq!(error.sqlstate(), Some("42P01"));
        assert_contains(&error.to_string(), &["the migration 2_b.sql failed", "user_s"]);
    }
}

#[test]
fn a_field_of_another_type_is_told_with_both_types() {
    let project = Project::with(&[]).define("users", FIELDS);
    let data = provision(&project, &["users"]).unwrap();
    let user = &data.dataset("users")[0];
    let error = user.try_get::<String>("id").unwrap_err();
    assert_eq!(error.stage(), Stage::Read);
    assert_contains(&error.to_string(), &["`id`", "`users`", "integer", "`String`", "ask for i32"]);
    let error = user.try_get::<i32>("idd").unwrap_err();
    assert_contains(&error.to_string(), &["no field `idd`", "Did you mean `id`?"]);
    let error = data.try_dataset("user").unwrap_err();
    assert_contains(&error.to_string(), &["no dataset `user`", "Did you mean `users`?"]);
}

#[test]
fn a_null_asked_for_as_a_value_is_told() {
    let fields = format!("{FIELDS}    - {{ name: note, type: text, generator: \"null\" }}\n");
    let project = Project::with(&[]).define("users", &fields);
    let data = provision(&project, &["users"]).unwrap();
    let user = &data.dataset("users")[3];
    assert_eq!(user.get::<Option<String>>("note"), None);
    let error = user.try_get::<String>("note").unwrap_err();
    assert_contains(&error.to_string(), &["null in row 3", "Option<String>"]);
}

#[test]
fn settings_with_mistakes_are_told() {
    let project = Project::with(&[("tdata.toml", "sede = 1\n")]).define("users", FIELDS);
    let text = told(&project, &["users"], Stage::Plan);
    assert_contains(&text, &["tdata.toml:1:1", "did you mean `seed`?"]);
}

#[test]
fn a_table_that_a_migration_makes_differently_is_told() {
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"migrations\"\n"),
        ("migrations/1.sql", "CREATE TABLE users (uid int PRIMARY KEY, name text NOT NULL);"),
    ])
    .define("users", FIELDS);
    let text = told(&project, &["users"], Stage::Plan);
    assert_contains(&text, &["has no column `id`", "demands values for `uid`, `name`"]);
}

#[test]
fn under_schema_isolation_tables_of_datasets_are_in_the_schema() {
    let project = Project::with(&[
        ("tdata.toml", "migrations = \"migrations\"\n"),
        ("migrations/1.sql", "CREATE TABLE public.users (id int PRIMARY KEY);"),
    ])
    .define("users", FIELDS);
    let request = TestData::request(["users"]).project(project.path()).isolation(Isolation::Schema);
    let error = request.provision().unwrap_err();
    assert_eq!(error.stage(), Stage::Isolate);
    assert_contains(&error.to_string(), &["must not name a schema", "isolation = \"full\""]);
}

#[test]
fn a_volume_of_another_dataset_is_told_also_where_the_data_are_there() {
    let request = || TestData::request(["accounts"]).volume("accounts", 3).seed(80);
    request().provision().unwrap();
    let error = request().volume("acounts", 5).provision().unwrap_err().to_string();
    assert!(error.contains("a volume is given for `acounts`"), "{error}");
    assert!(error.contains("did you mean `accounts`?"), "{error}");
}

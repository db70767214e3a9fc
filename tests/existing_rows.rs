//! Rows that migrations insert: datasets like any other, which nobody makes or changes.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::collections::BTreeSet;

use project::Project;
use tdata::{Isolation, TestData};

const SETTINGS: (&str, &str) = ("tdata.toml", "migrations = \"migrations\"\n");

const LOOKUP: &str = "
CREATE TABLE statuses (id smallint PRIMARY KEY, code text NOT NULL UNIQUE);
INSERT INTO statuses VALUES (3, 'shut'), (1, 'open'), (2, 'held');
CREATE TABLE tickets (
  id integer PRIMARY KEY, status_id smallint NOT NULL REFERENCES statuses, label text NOT NULL
);";

const ID: &str = "    - { name: id, type: integer, generator: sequence }\n";
const LABEL: &str = "    - { name: label, type: text, generator: word }\n";
const TO_STATUSES: &str =
    "  relationships:\n    - { foreignKey: status_id, references: statuses.id }\n";
const STATUSES: &str = "  source: existing\n";

fn migrated(sql: &str) -> Project {
    Project::with(&[("migrations/1.sql", sql), SETTINGS])
}

fn tickets(between: &str, behind: &str) -> String {
    format!("  volume: {{ count: 20 }}\n  fields:\n{ID}{between}{LABEL}{behind}")
}

fn provisioned(project: &Project, datasets: &[&str]) -> TestData {
    let request = TestData::request(datasets.iter().copied());
    request.project(project.path()).provision().unwrap()
}

fn refused(project: &Project, datasets: &[&str]) -> String {
    let request = TestData::request(datasets.iter().copied());
    request.project(project.path()).provision().unwrap_err().to_string()
}

fn numbers(data: &TestData, dataset: &str, column: &str) -> Vec<i16> {
    data.dataset(dataset).iter().map(|row| row.get(column)).collect()
}

#[test]
fn keys_reference_rows_that_are_there_whoever_describes_them() {
    let by_definition =
        migrated(LOOKUP).define("statuses", STATUSES).define("tickets", &tickets("", TO_STATUSES));
    let with_fields = migrated(LOOKUP)
        .define("statuses", "  source: existing\n  fields:\n    - { name: id, type: smallint }\n")
        .define("tickets", &tickets("", TO_STATUSES));
    let by_name = migrated(LOOKUP).define("tickets", &tickets("", TO_STATUSES));
    let by_table_alone = migrated(LOOKUP).define("tickets", &tickets("", ""));
    for project in [by_definition, with_fields, by_name, by_table_alone] {
        for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
            let request = TestData::request(["tickets"]).isolation(isolation);
            let data = request.project(project.path()).provision().unwrap();
            let used: BTreeSet<i16> = numbers(&data, "tickets", "status_id").into_iter().collect();
            assert_eq!(used, BTreeSet::from([1, 2, 3]));
            assert_eq!(data.counts()["statuses"], 3);
            assert_eq!(numbers(&data, "statuses", "id"), [1, 2, 3], "in the order of the key");
        }
    }
}

#[test]
fn ids_that_are_written_out_must_be_there() {
    let choice = |ids: &str| {
        let field = format!(
            "    - {{ name: status_id, type: smallint, generator: choice, choices: [{ids}] }}\n"
        );
        migrated(LOOKUP).define("tickets", &tickets(&field, ""))
    };
    let data = provisioned(&choice("1, 3"), &["tickets"]);
    let used: BTreeSet<i16> = numbers(&data, "tickets", "status_id").into_iter().collect();
    assert_eq!(used, BTreeSet::from([1, 3]));
    let told = refused(&choice("1, 7"), &["tickets"]);
    assert!(told.contains("`status_id` can be `7`, and no row that is in the table"), "{told}");
    assert!(told.contains("{ foreignKey: status_id, references: statuses.id }"), "{told}");
}

#[test]
fn rows_in_the_way_are_told_with_what_to_write() {
    let synthetic = "  fields:\n    - { name: id, type: smallint, generator: sequence }\n    \
                     - { name: code, type: text, generator: word }\n";
    let project =
        migrated(LOOKUP).define("statuses", synthetic).define("tickets", &tickets("", TO_STATUSES));
    for volume in [None, Some(0)] {
        let mut request = TestData::request(["tickets"]);
        if let Some(volume) = volume {
            request = request.volume("statuses", volume);
        }
        let told = request.project(project.path()).provision().unwrap_err().to_string();
        assert!(told.contains("has 3 rows already"), "{told}");
        assert!(told.contains("  source: existing\n"), "{told}");
        assert!(told.contains("statuses.yaml:5"), "{told}");
    }
}

#[test]
fn rows_that_are_not_there_are_told() {
    let empty =
        LOOKUP.replace("INSERT INTO statuses VALUES (3, 'shut'), (1, 'open'), (2, 'held');", "");
    let project =
        migrated(&empty).define("statuses", STATUSES).define("tickets", &tickets("", TO_STATUSES));
    let told = refused(&project, &["tickets"]);
    assert!(told.contains("`status_id` references the rows of the table"), "{told}");
    assert!(told.contains("let a migration insert them"), "{told}");
    // Alone, no rows are as good as others.
    assert_eq!(provisioned(&project, &["statuses"]).counts()["statuses"], 0);
    let project = migrated(&empty).define("tickets", &tickets("", TO_STATUSES));
    let told = refused(&project, &["tickets"]);
    assert!(told.contains("is no dataset of the project, and its table has no rows"), "{told}");
    let project = migrated(LOOKUP)
        .define("tickets", &tickets("", &TO_STATUSES.replace("statuses", "statusses")));
    let told = refused(&project, &["tickets"]);
    assert!(told.contains("`statusses`, which this references, is no dataset"), "{told}");
}

#[test]
fn a_volume_cannot_change_what_is_there() {
    let project = migrated(LOOKUP).define("statuses", STATUSES);
    for (volume, fits) in [(3, true), (2, false), (4, false)] {
        let request = TestData::request(["statuses"]).volume("statuses", volume);
        let told = request.project(project.path()).provision();
        assert_eq!(told.is_ok(), fits);
    }
    let project =
        migrated(LOOKUP).define("statuses", "  source: existing\n  volume: { count: 3 }\n");
    let told = refused(&project, &["statuses"]);
    assert!(told.contains("`source: existing` has as many rows as there are"), "{told}");
}

const KEYS: &str = "
CREATE TYPE level AS ENUM ('low', 'high');
CREATE TABLE countries (code char(2) PRIMARY KEY, name text);
INSERT INTO countries VALUES ('de', 'x'), ('fr', 'y');
CREATE TABLE moments (at timestamptz PRIMARY KEY, day date UNIQUE, amount numeric(6,2) UNIQUE,
                      uuid uuid UNIQUE, flag boolean UNIQUE, level level UNIQUE, bytes bytea UNIQUE,
                      real double precision UNIQUE, list int[] UNIQUE);
INSERT INTO moments VALUES
  ('2024-01-01 10:00+02', '2024-01-01', 1.50, 'c56a4180-65aa-42ec-a945-5fd21dec0538', true, 'low', '\\\\x00ff', 0.1, '{1,2}'),
  ('2024-01-02 10:00:00.5+02', '2024-01-02', 2, '00000000-0000-0000-0000-000000000001', false, 'high', '\\\\x', 1e300, '{}');
CREATE TABLE no_key (name citext_like UNIQUE);
";

#[test]
fn keys_of_any_type_are_referenced() {
    let sql = KEYS.replace("CREATE TABLE no_key (name citext_like UNIQUE);\n", "") + "
CREATE TABLE no_key (name text UNIQUE, other int);
INSERT INTO no_key VALUES ('a\\\\b', 1), (NULL, 2), (E'tab\\there', 3);
CREATE TABLE all_keys (id int PRIMARY KEY, country char(2) NOT NULL REFERENCES countries,
  at timestamptz NOT NULL REFERENCES moments, day date NOT NULL REFERENCES moments (day),
  amount numeric(6,2) NOT NULL REFERENCES moments (amount), uuid uuid NOT NULL REFERENCES moments (uuid),
  flag boolean NOT NULL REFERENCES moments (flag), level level NOT NULL REFERENCES moments (level),
  bytes bytea NOT NULL REFERENCES moments (bytes), real double precision NOT NULL REFERENCES moments (real),
  list int[] NOT NULL REFERENCES moments (list), name text NOT NULL REFERENCES no_key (name));";
    let fields = format!("  volume: {{ count: 20 }}\n  fields:\n{ID}");
    let project = migrated(&sql).define("all_keys", &fields);
    let data = provisioned(&project, &["all_keys"]);
    let sql = "SELECT count(DISTINCT country), count(DISTINCT at), count(DISTINCT bytes), \
                      count(DISTINCT list), count(DISTINCT name) FROM all_keys";
    let row = data.client().query_one(sql, &[]).unwrap();
    let found: Vec<i64> = (0..5).map(|at| row.get(at)).collect();
    assert_eq!(found, [2; 5]);
}

const CODES: &str = "
CREATE TABLE codes (id serial PRIMARY KEY, code text NOT NULL UNIQUE, label text);
INSERT INTO codes (code, label) VALUES ('C-01', 'kept'), ('C-02', 'kept'), ('X', 'kept');
CREATE TABLE uses (id int PRIMARY KEY, code_id int NOT NULL REFERENCES codes);";

const BEHIND: &str = "  source: hybrid
  volume: { count: 20 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: code, type: text, generator: pattern, pattern: 'C-{{digits:2}}', unique: true }
    - { name: label, type: text, generator: word }
  validation:
    - { constraint: \"label <> 'kept'\" }
";

const USES: &str = "  volume: { count: 100 }
  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: code_id, references: codes.id }
";

#[test]
fn generated_rows_follow_those_that_are_there() {
    let project = migrated(CODES).define("codes", BEHIND).define("uses", USES);
    for isolation in [Isolation::Full, Isolation::Schema] {
        let request = TestData::request(["uses"]).isolation(isolation).volume("codes", 20);
        let data = request.project(project.path()).provision().unwrap();
        // The volume is that of the table: rows that are there count.
        assert_eq!(data.counts()["codes"], 20);
        let mut db = data.client();
        let sql = "SELECT count(*), count(DISTINCT code), count(*) FILTER (WHERE label = 'kept') FROM codes";
        let row = db.query_one(sql, &[]).unwrap();
        assert_eq!((row.get::<_, i64>(0), row.get(1), row.get(2)), (20_i64, 20_i64, 3_i64));
        // Inserts count on behind all of them.
        let sql = "INSERT INTO codes (code) VALUES ('new') RETURNING id > 20";
        assert!(db.query_one(sql, &[]).unwrap().get::<_, bool>(0));
        // Keys lead to both.
        let sql = "SELECT count(DISTINCT code_id <= 3) FROM uses";
        assert_eq!(db.query_one(sql, &[]).unwrap().get::<_, i64>(0), 2);
    }
    let request = TestData::request(["codes"]).volume("codes", 2);
    let told = request.project(project.path()).provision().unwrap_err().to_string();
    assert!(
        told.contains("asks for 2 rows of `codes`, and its table has 3 rows already"),
        "{told}"
    );
}

#[test]
fn what_tests_do_to_rows_that_are_there_is_undone_and_nothing_else_is() {
    let project =
        migrated(LOOKUP).define("statuses", STATUSES).define("tickets", &tickets("", TO_STATUSES));
    let deeds = [
        "DELETE FROM tickets",
        "UPDATE statuses SET code = code || '!'",
        "DELETE FROM tickets; DELETE FROM statuses WHERE id = 1",
        "TRUNCATE statuses CASCADE",
        "INSERT INTO statuses VALUES (9, 'more'); UPDATE tickets SET status_id = 9",
    ];
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        for deed in deeds {
            let request = TestData::request(["tickets"]).isolation(isolation);
            let data = request.project(project.path()).provision().unwrap();
            let sql = "SELECT string_agg(id || code, ' ' ORDER BY id), (SELECT count(*) FROM tickets) FROM statuses";
            let row = data.client().query_one(sql, &[]).unwrap();
            let found: (&str, i64) = (row.get(0), row.get(1));
            assert_eq!(found, ("1open 2held 3shut", 20), "before {deed} under {isolation}");
            data.client().batch_execute(deed).unwrap();
            data.release();
        }
    }
}

#[test]
fn rows_that_are_written_out_are_loaded_and_referenced() {
    let plans = "  rows:
    - { id: 1, name: free, labels: [a, b] }
    - { id: 5, name: 'it''s \\pro', labels: [] }
";
    let users = "  fields:
    - { name: id, type: integer, generator: sequence }
  relationships:
    - { foreignKey: plan_id, references: plans.id }
";
    let migrations = "CREATE TABLE plans (id int PRIMARY KEY, name text NOT NULL UNIQUE, labels text[],
                                          note text DEFAULT 'none');
                      CREATE TABLE users (id int PRIMARY KEY, plan_id int NOT NULL REFERENCES plans);";
    let typed = "  fields:
    - { name: id, type: integer }
    - { name: name, type: text }
    - { name: labels, type: 'text[]' }
";
    let by_migration = migrated(migrations).define("plans", plans).define("users", users);
    let by_definition =
        Project::with(&[]).define("plans", &format!("{plans}{typed}")).define("users", users);
    for project in [by_migration, by_definition] {
        for isolation in [Isolation::Full, Isolation::Schema] {
            let request = TestData::request(["users"]).isolation(isolation);
            let data = request.project(project.path()).provision().unwrap();
            assert_eq!((data.counts()["plans"], data.counts()["users"]), (2, 100));
            let sql = "SELECT name, labels, (SELECT count(DISTINCT plan_id) FROM users) FROM plans WHERE id = 5";
            let row = data.client().query_one(sql, &[]).unwrap();
            let found: (&str, Vec<String>, i64) = (row.get(0), row.get(1), row.get(2));
            assert_eq!(found, ("it's \\pro", vec![], 2));
            // Rows that a test changes are written again for the next.
            data.client().batch_execute("UPDATE plans SET name = name || '!'").unwrap();
            data.release();
        }
    }
    let misspelt = migrated(migrations).define("plans", "  rows: [{ id: 1, nmae: free }]\n");
    let told = refused(&misspelt, &["plans"]);
    assert!(
        told.contains("has no column `nmae`") && told.contains("did you mean `name`?"),
        "{told}"
    );
}

#[test]
fn keys_of_two_columns_work_as_the_message_says() {
    let migrations = "
CREATE TABLE tenants (id integer PRIMARY KEY);
CREATE TABLE projects (tenant_id integer NOT NULL REFERENCES tenants, id integer NOT NULL, label text NOT NULL,
  PRIMARY KEY (tenant_id, id));
CREATE TABLE tasks (id integer PRIMARY KEY, tenant_id integer NOT NULL, project_id integer NOT NULL,
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id));";
    let tenants = format!("  fields:\n{ID}");
    let projects = format!(
        "  fields:\n{ID}{LABEL}  relationships:\n    - {{ foreignKey: tenant_id, references: tenants.id }}\n"
    );
    let tasks =
        |relationship: &str| format!("  fields:\n{ID}  relationships:\n    - {relationship}\n");
    let with = |relationship: &str| {
        migrated(migrations)
            .define("tenants", &tenants)
            .define("projects", &projects)
            .define("tasks", &tasks(relationship))
    };
    let apart = "{ foreignKey: tenant_id, references: tenants.id }\n    \
                 - { foreignKey: project_id, references: projects.id }";
    let told = refused(&with(apart), &["tasks"]);
    let advice =
        "{ foreignKey: [tenant_id, project_id], references: { projects: [tenant_id, id] } }";
    assert!(told.contains(advice), "{told}");
    assert_eq!(provisioned(&with(advice), &["tasks"]).counts()["tasks"], 100);
}

#[test]
fn indexes_that_only_the_server_computes_are_told_by_name() {
    let partial =
        "CREATE TABLE subs (id int PRIMARY KEY, user_id int NOT NULL, state text NOT NULL);
                   CREATE UNIQUE INDEX one_active ON subs (user_id) WHERE state = 'active';";
    let fields = |user: &str, state: &str| {
        format!(
            "  fields:\n{ID}    - {{ name: user_id, type: integer, generator: random_int, min: 1, max: {user} }}\n    \
             - {{ name: state, type: text, generator: choice, choices: [{state}] }}\n"
        )
    };
    let told =
        refused(&migrated(partial).define("subs", &fields("20", "active, ended")), &["subs"]);
    assert!(told.contains("violates unique constraint \"one_active\""), "{told}");
    assert!(told.contains("(user_id) WHERE (state = 'active'::text)"), "{told}");
    assert!(told.contains("for which its condition holds have the same `user_id`"), "{told}");
    // As it says, and where the condition holds for no row.
    for fit in [fields("200, unique: true", "active, ended"), fields("20", "ended")] {
        provisioned(&migrated(partial).define("subs", &fit), &["subs"]);
    }
    let lower = "CREATE TABLE people (id int PRIMARY KEY, email text NOT NULL);
                 CREATE UNIQUE INDEX ON people (lower(email));";
    let fields = |unique: &str| {
        format!(
            "  fields:\n{ID}    - {{ name: email, type: text, generator: choice, choices: [a, A]{unique} }}\n"
        )
    };
    let told = refused(&migrated(lower).define("people", &fields("")), &["people"]);
    assert!(told.contains("\"people_lower_idx\"") && told.contains("(lower(email))"), "{told}");
    assert!(told.contains("a `pattern` with `{{index}}` in it"), "{told}");
    let pattern = format!(
        "  fields:\n{ID}    - {{ name: email, type: text, generator: pattern, pattern: 'U{{{{index}}}}' }}\n"
    );
    provisioned(&migrated(lower).define("people", &pattern), &["people"]);
}

#[test]
fn no_datasets_are_the_migrated_database() {
    let project = migrated(LOOKUP);
    for isolation in [Isolation::Full, Isolation::Schema, Isolation::Transaction] {
        let request = TestData::request(Vec::<String>::new()).isolation(isolation);
        let data = request.project(project.path()).provision().unwrap();
        let count = data.client().query_one("SELECT count(*) FROM statuses", &[]).unwrap();
        assert_eq!(count.get::<_, i64>(0), 3);
        assert!(data.counts().is_empty());
    }
}

#[test]
fn rows_that_were_there_are_not_judged_wherever_they_stand() {
    let sql = "
CREATE TABLE payments (id integer NOT NULL, year integer NOT NULL, country text NOT NULL) PARTITION BY LIST (year);
CREATE TABLE payments_2024 PARTITION OF payments FOR VALUES IN (2024);
CREATE TABLE payments_2025 PARTITION OF payments FOR VALUES IN (2025);
CREATE TABLE countries (code text PRIMARY KEY);
INSERT INTO countries VALUES ('de'), ('fr');
INSERT INTO payments VALUES (-1, 2025, 'xx');";
    let payments = |constraint: &str| {
        format!(
            "  source: hybrid\n  volume: {{ count: 11 }}\n  fields:\n{ID}\
             \x20   - {{ name: year, type: integer, generator: choice, choices: [2024, 2025] }}\n\
             \x20   - {{ name: country, type: text, generator: reference }}\n\
             \x20 relationships:\n    - {{ foreignKey: country, references: countries.code }}\n\
             \x20 validation:\n    - {{ constraint: \"{constraint}\" }}\n"
        )
    };
    let project = migrated(sql).define("payments", &payments("id > 0"));
    assert_eq!(provisioned(&project, &["payments"]).dataset("payments").len(), 11);
    // Each generated row is judged, in the partition before that of the row that was there, too.
    let project = migrated(sql).define("payments", &payments("id < 0"));
    let error = refused(&project, &["payments"]);
    assert!(error.contains("10 rows"), "{error}");
}

#[test]
fn nothing_rests_where_nothing_is_loaded() {
    let sql = format!(
        "{LOOKUP}
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$no$$; END';
CREATE TRIGGER no BEFORE INSERT ON statuses FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TABLE audit (id integer PRIMARY KEY);
INSERT INTO audit VALUES (1);
CREATE ROLE keeper_of_statuses;
GRANT SELECT ON statuses TO CURRENT_USER;
ALTER TABLE statuses OWNER TO keeper_of_statuses;
GRANT SELECT, REFERENCES ON statuses TO CURRENT_USER;
ALTER TABLE statuses ENABLE ROW LEVEL SECURITY;
CREATE POLICY readable ON statuses USING (true);
REVOKE ALL ON audit FROM CURRENT_USER;"
    );
    let settings = "migrations = \"migrations\"\ntriggers = \"off\"\n";
    let files = [("migrations/1.sql", &*sql), ("tdata.toml", settings)];
    let project = Project::with(&files)
        .define("statuses", STATUSES)
        .define("tickets", &tickets("", TO_STATUSES));
    assert_eq!(provisioned(&project, &["tickets", "statuses"]).dataset("tickets").len(), 20);
}

#[test]
fn where_nulls_are_equal_they_repeat_no_more_than_values() {
    let sql =
        "CREATE TABLE codes (id integer PRIMARY KEY, a integer, UNIQUE NULLS NOT DISTINCT (a));";
    let define = |spec: &str| migrated(sql).define("codes", spec);
    let generated = |more: &str| {
        format!(
            "  volume: {{ count: 20 }}\n  fields:\n{ID}    - {{ name: a, type: integer, generator: random_int{more} }}\n"
        )
    };
    for more in [", null_probability: 0.5", ", null_probability: 0.5, unique: true"] {
        let told = refused(&define(&generated(more)), &["codes"]);
        assert!(
            told.contains("NULLS NOT DISTINCT") && told.contains("drop `null_probability`"),
            "{told}"
        );
    }
    assert_eq!(provisioned(&define(&generated("")), &["codes"]).counts()["codes"], 20);
    let written = |second: &str| format!("  rows: [{{ id: 1, a: ~ }}, {{ id: 2, a: {second} }}]\n");
    let told = refused(&define(&written("~")), &["codes"]);
    assert!(told.contains("`a` is unique, and an earlier row has this value"), "{told}");
    assert_eq!(provisioned(&define(&written("7")), &["codes"]).counts()["codes"], 2);
}

#[test]
fn all_values_that_are_left_stand_behind_the_rows_of_migrations() {
    let sql = "CREATE TABLE codes (id integer PRIMARY KEY, label text NOT NULL UNIQUE);
        INSERT INTO codes VALUES (1, 'a'), (2, 'b');";
    let label = "    - { name: label, type: text, generator: choice, choices: [a, b, c, d, e], unique: true }\n";
    let codes = format!("  source: hybrid\n  volume: {{ count: 5 }}\n  fields:\n{ID}{label}");
    let data = provisioned(&migrated(sql).define("codes", &codes), &["codes"]);
    let labels: BTreeSet<String> =
        data.dataset("codes").iter().map(|row| row.get("label")).collect();
    assert_eq!(labels, ["a", "b", "c", "d", "e"].map(str::to_owned).into());
}

#[test]
fn what_is_missing_of_a_larger_key_is_implied() {
    let sql = "CREATE TABLE tn (id integer PRIMARY KEY);
        CREATE TABLE l (tn integer REFERENCES tn, id integer, PRIMARY KEY (tn, id));
        CREATE TABLE t (
          id integer PRIMARY KEY, tn integer NOT NULL REFERENCES tn, lb integer NOT NULL,
          FOREIGN KEY (tn, lb) REFERENCES l
        );
        INSERT INTO tn VALUES (1), (2);
        INSERT INTO l VALUES (1, 10), (1, 11), (2, 20);";
    let t = format!("  volume: {{ count: 20 }}\n  fields:\n{ID}");
    let data = provisioned(&migrated(sql).define("t", &t), &["t"]);
    assert_eq!(data.counts()["t"], 20);
}

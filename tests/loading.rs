//! Loading step by step, and validation by questions that PostgreSQL plans as joins.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod project;

use std::ops::ControlFlow;

use postgres::{Client, NoTls};
use project::Project;
use tdata::{Isolation, TestData, Triggers};
use tdata_core::contract::{Contract, Volume};
use tdata_core::definition::Library;
use tdata_core::diagnostic::Source;
use tdata_core::mask::MaskKey;
use tdata_core::plan::{Catalog, Plan, plan};
use tdata_postgres::load::{self, Copying, Ground, LoadError, Progress};
use tdata_postgres::migrate::Migrations;
use tdata_postgres::validate::{Finding, ValidateError, Violation, queries, validate};

const USERS: &str = "
    - { name: id, type: integer, generator: sequence, start: 100 }
    - { name: email, type: text, generator: email, unique: true }
    - { name: first_name, type: text, generator: first_name }
    - { name: last_name, type: text, generator: last_name }
  unique: [[first_name, email]]";

const ORDERS: &str = "
    - { name: id, type: bigint, generator: sequence }
    - { name: user_id, type: integer, generator: reference, null_probability: 0.2 }
    - { name: total, type: 'decimal(10,2)', generator: random_decimal, min: 1, max: 99 }
  relationships:
    - { foreignKey: user_id, references: users.id }";

/// Users and their orders, and what else is said of orders.
fn shop(users: u64, orders: u64, more: &str) -> Plan {
    let mut library = Library::default();
    for (name, fields) in [("users", USERS.to_owned()), ("orders", format!("{ORDERS}{more}"))] {
        let text = format!(
            "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: {{ name: {name} }}\n\
             spec:\n  table: {name}\n  fields:{fields}\n"
        );
        library.insert(Source::new(format!("{name}.yaml"), text), name, None);
    }
    let mut contract = Contract::new(["users", "orders"], "2024-05-01".parse().unwrap());
    for (name, rows) in [("users", users), ("orders", orders)] {
        contract.volumes.by_dataset.insert(name.into(), Volume::Rows(rows));
    }
    plan(&contract, &library, &MaskKey::development(), &Catalog::default()).unwrap()
}

/// A database of its own.
fn database() -> TestData {
    let fields = "  fields:\n    - { name: id, type: integer, generator: sequence }\n";
    let project = Project::with(&[]).define("nothing", fields);
    let request = TestData::request(["nothing"]).project(project.path());
    request.isolation(Isolation::Full).provision().unwrap()
}

fn connect(data: &TestData) -> Client {
    Client::connect(data.url(), NoTls).unwrap()
}

fn load_all(client: &mut Client, plan: &Plan) {
    load::load(client, plan, 0..plan.datasets.len(), &Catalog::default()).unwrap();
}

fn go_on(_: Progress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn text(client: &mut Client, sql: &str) -> String {
    client.query_one(&format!("SELECT coalesce(({sql})::text, '')"), &[]).unwrap().get(0)
}

/// All that a load leaves: rows, constraints with their names, indexes, and where sequences stand.
fn left(client: &mut Client) -> [String; 5] {
    [
        "SELECT md5(string_agg(u::text, ',' ORDER BY id)) FROM users u",
        "SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM orders o",
        "SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), E'\\n' ORDER BY conrelid::regclass::text, conname) \
         FROM pg_constraint WHERE conrelid IN ('users'::regclass, 'orders'::regclass) AND contype <> 'n'",
        "SELECT string_agg(indexdef, E'\\n' ORDER BY indexname) FROM pg_indexes WHERE tablename IN ('users', 'orders')",
        "SELECT string_agg(sequencename || ' ' || last_value, ', ' ORDER BY sequencename) FROM pg_sequences \
         WHERE sequencename IN ('users_id_seq', 'orders_id_seq')",
    ]
    .map(|sql| text(client, sql))
}

/// Makes tables, and loads parts in some order over two connections.
fn in_parts(data: &TestData, plan: &Plan, parts: &[(usize, std::ops::Range<u64>)]) {
    let migrations = Migrations::default();
    let ground = Ground { triggers: Triggers::On, owner: None, migrations: &migrations };
    let mut clients = [connect(data), connect(data)];
    let all = 0..plan.datasets.len();
    let mut transaction = clients[0].transaction().unwrap();
    load::make_tables(ground, &mut transaction, plan, all.clone()).unwrap();
    transaction.commit().unwrap();
    let [one, other] = &mut clients;
    let (mut first, mut second) = (one.transaction().unwrap(), other.transaction().unwrap());
    for (at, (place, rows)) in parts.iter().enumerate() {
        let transaction = if at % 2 == 0 { &mut first } else { &mut second };
        let how = Copying { generators: at % 3, chunk: 10_000, is_frozen: false };
        let mut sent = 0;
        let mut watch = |progress: Progress<'_>| {
            if let Progress::Rows { sent: now, .. } = progress {
                assert!(now >= sent);
                sent = now;
            }
            ControlFlow::Continue(())
        };
        load::copy_part(transaction, &plan.datasets[*place], rows.clone(), how, &mut watch)
            .unwrap();
        assert_eq!(sent, rows.end - rows.start);
    }
    second.commit().unwrap();
    first.commit().unwrap();
    load::finish(&mut clients, plan, all, &mut go_on).unwrap();
}

#[test]
fn parts_in_any_order_are_the_same_as_one_load() {
    // So many rows that their table gets its keys behind them.
    let plan = shop(3_000, 25_000, "");
    let whole = database();
    load_all(&mut connect(&whole), &plan);
    let users = plan.datasets.iter().position(|dataset| dataset.name == "users").unwrap();
    let orders = 1 - users;
    let parts = [
        (orders, 20_000..25_000),
        (users, 2_999..3_000),
        (orders, 0..7),
        (users, 0..0),
        (users, 0..2_999),
        (orders, 7..20_000),
    ];
    let parted = database();
    in_parts(&parted, &plan, &parts);
    let mut client = connect(&parted);
    assert_eq!(left(&mut client), left(&mut connect(&whole)));
    validate(&mut client, &plan).unwrap();
}

#[test]
fn keys_behind_the_rows_are_those_that_tables_are_made_with() {
    let (few, many) = (database(), database());
    load_all(&mut connect(&few), &shop(10, 10, ""));
    load_all(&mut connect(&many), &shop(25_000, 25_000, ""));
    let (few, many) = (left(&mut connect(&few)), left(&mut connect(&many)));
    assert_eq!(few[2..4], many[2..4]);
    assert!(few[2].contains("users_first_name_email_key UNIQUE (first_name, email)"), "{}", few[2]);
}

#[test]
fn rows_of_tables_that_are_made_here_are_frozen() {
    let data = database();
    let mut client = connect(&data);
    load_all(&mut client, &shop(10, 30_000, ""));
    // Nobody has looked at them or vacuumed yet. Since PostgreSQL 16 a table grows by several pages at once, and the last are empty.
    let sql = "SELECT relallvisible > relpages / 2 AND relpages > 0 FROM pg_class WHERE oid = 'orders'::regclass";
    assert_eq!(text(&mut client, sql), "true");
}

#[test]
fn whoever_watches_may_stop_it_and_nothing_is_left() {
    let data = database();
    let (mut client, plan) = (connect(&data), shop(10, 60_000, ""));
    let migrations = Migrations::default();
    let ground = Ground { triggers: Triggers::On, owner: None, migrations: &migrations };
    let mut told = Vec::new();
    let mut load = |stop: &dyn Fn(&Progress<'_>) -> bool| {
        let mut watch = |progress: Progress<'_>| {
            told.push(format!("{progress:?}"));
            if stop(&progress) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        load::load_observed(ground, &mut client, &plan, 0..2, &Catalog::default(), &mut watch)
    };
    let in_rows =
        |progress: &Progress<'_>| matches!(progress, Progress::Rows { sent, .. } if *sent > 5_000);
    let in_keys = |progress: &Progress<'_>| matches!(progress, Progress::Keys { .. });
    for stop in [&in_rows as &dyn Fn(&Progress<'_>) -> bool, &in_keys] {
        let error = load(stop).unwrap_err();
        assert!(matches!(&error, LoadError::Stopped { dataset } if dataset == "orders"), "{error}");
    }
    load(&|_| false).unwrap();
    assert!(told.last().unwrap().contains("ForeignKeys"), "{told:?}");
    assert_eq!(text(&mut client, "SELECT count(*) FROM orders"), "60000");
}

#[test]
fn a_connection_that_ends_ends_the_load() {
    let data = database();
    let (mut client, mut other) = (connect(&data), connect(&data));
    let plan = shop(10, 500_000, "");
    let process = text(&mut client, "SELECT pg_backend_pid()");
    let migrations = Migrations::default();
    let ground = Ground { triggers: Triggers::On, owner: None, migrations: &migrations };
    let mut is_ended = false;
    let mut watch = |progress: Progress<'_>| {
        let is_far = matches!(progress, Progress::Rows { sent, .. } if sent > 10_000);
        if is_far && !std::mem::replace(&mut is_ended, true) {
            other.batch_execute(&format!("SELECT pg_terminate_backend({process})")).unwrap();
        }
        ControlFlow::Continue(())
    };
    let loaded =
        load::load_observed(ground, &mut client, &plan, 0..2, &Catalog::default(), &mut watch);
    let error = loaded.unwrap_err();
    assert!(
        matches!(&error, LoadError::Rows { refusal, .. } if refusal.is_connection()),
        "{error}"
    );
    assert_eq!(text(&mut other, "SELECT to_regclass('orders')"), "");
}

/// What validation finds of orders, by constraint.
fn found(client: &mut Client, plan: &Plan) -> Vec<(String, u64, Vec<u64>)> {
    let violations: Vec<Violation> = match validate(client, plan) {
        Ok(()) => Vec::new(),
        Err(ValidateError::Violations(violations)) => violations,
        Err(error) => panic!("{error}"),
    };
    let told = violations.into_iter().map(|violation| match violation.finding {
        Finding::Rows { count, first } => (violation.constraint, count, first),
        other => panic!("{other:?}"),
    });
    told.collect()
}

/// The row indices of orders that meet a condition.
fn indices(client: &mut Client, condition: &str) -> Vec<u64> {
    let sql = format!("SELECT id - 1 FROM orders WHERE {condition} ORDER BY id");
    client.query(&sql, &[]).unwrap().iter().map(|row| row.get::<_, i64>(0) as u64).collect()
}

#[test]
fn conditions_with_subqueries_are_false_null_or_true_as_in_a_check() {
    let data = database();
    let mut client = connect(&data);
    load_all(&mut client, &shop(40, 2_000, ""));
    client
        .batch_execute("CREATE TABLE few (id integer); INSERT INTO few SELECT generate_series(100, 119);
                        CREATE TABLE none (id integer); CREATE TABLE nulls (id integer); INSERT INTO nulls VALUES (NULL), (105)")
        .unwrap();
    for condition in [
        "user_id IN (SELECT id FROM users)",
        "user_id IN (SELECT id FROM few)",
        "user_id IN (SELECT id FROM none)",
        "user_id IN (SELECT id FROM nulls)",
        "user_id NOT IN (SELECT id FROM few)",
        "user_id NOT IN (SELECT id FROM none)",
        "user_id NOT IN (SELECT id FROM nulls)",
        "NOT user_id IN (SELECT id FROM few)",
        "user_id IS NULL OR user_id IN (SELECT id FROM few)",
        "user_id IN (SELECT id FROM few) OR user_id NOT IN (SELECT id FROM few)",
        "user_id IN (SELECT id FROM few) OR orders.id IN (SELECT id FROM nulls) OR total > 50",
        "user_id IN (SELECT id FROM few) AND total > 50",
        "NOT (user_id IN (SELECT id FROM few) AND total > 50)",
        "NOT (user_id IN (SELECT id FROM few) OR NOT orders.id IN (SELECT id FROM nulls))",
        "EXISTS (SELECT FROM few WHERE few.id = user_id)",
        "NOT EXISTS (SELECT FROM few WHERE few.id = user_id)",
        "(user_id, total) IN (SELECT id, 50.00 FROM few)",
        "user_id = ANY (SELECT id FROM nulls)",
        "user_id <> ALL (SELECT id FROM nulls)",
        "total < (SELECT avg(total) FROM orders AS o WHERE o.user_id = orders.user_id)",
        "(SELECT count(*) FROM few) > 30",
        "CASE WHEN user_id IS NULL THEN true ELSE user_id IN (SELECT id FROM few) END",
        "total BETWEEN 1 AND (SELECT 60) AND user_id IN (SELECT id FROM users)",
        "(user_id IN (SELECT id FROM few)) IS TRUE -- not null)",
        "total = 0 OR (SELECT 1) / total < 1",
    ] {
        let quoted = condition.replace('"', "\\\"");
        let plan =
            shop(40, 2_000, &format!("\n  validation:\n    - {{ constraint: \"{quoted}\" }}"));
        let expected = indices(&mut client, &format!("(\n{condition}\n) IS FALSE"));
        let found = found(&mut client, &plan);
        let first: Vec<u64> = expected.iter().copied().take(100).collect();
        let expected = match expected.len() {
            0 => Vec::new(),
            count => vec![(condition.to_owned(), count as u64, first)],
        };
        assert_eq!(found, expected, "{condition}");
    }
}

#[test]
fn foreign_keys_are_proved_by_their_constraint_or_else_by_a_join() {
    let data = database();
    let (mut client, plan) = (connect(&data), shop(40, 2_000, ""));
    load_all(&mut client, &plan);
    let asked = |client: &mut Client| {
        let all = queries(client, &plan).unwrap();
        all.iter().filter(|(_, sql)| sql.contains("NOT EXISTS")).count()
    };
    assert_eq!(asked(&mut client), 0, "the constraint proves it");
    let name = "orders_user_id_fkey";
    let add =
        format!("ALTER TABLE orders ADD CONSTRAINT {name} FOREIGN KEY (user_id) REFERENCES users");
    for unproved in [
        format!("ALTER TABLE orders DROP CONSTRAINT {name}"),
        format!("{add} NOT VALID"),
        format!(
            "ALTER TABLE orders VALIDATE CONSTRAINT {name}; ALTER TABLE orders DISABLE TRIGGER ALL"
        ),
        "ALTER TABLE orders ENABLE TRIGGER ALL; ALTER TABLE users DISABLE TRIGGER ALL".to_owned(),
    ] {
        client.batch_execute(&unproved).unwrap();
        assert_eq!(asked(&mut client), 1, "{unproved}");
        assert_eq!(found(&mut client, &plan), [], "{unproved}");
    }
    // A user who has orders goes, and nobody notices.
    client.batch_execute("DELETE FROM users WHERE id = 103").unwrap();
    let expected = indices(&mut client, "user_id = 103");
    assert!(expected.len() > 5);
    let validated = validate(&mut client, &plan).unwrap_err();
    let told = validated.to_string();
    let shown: Vec<String> = expected.iter().take(5).map(ToString::to_string).collect();
    let rows = format!(
        "{} rows violate `user_id references users.id` of the dataset `orders`: row indices {}, ...",
        expected.len(),
        shown.join(", ")
    );
    assert!(
        told.contains(&rows) && told.contains("the dataset `users` has 39 rows instead of 40"),
        "{told}"
    );
    client.batch_execute("ALTER TABLE users ENABLE TRIGGER ALL").unwrap();
    assert_eq!(asked(&mut client), 0, "what was changed meanwhile is beyond the catalog");
}

#[test]
fn only_the_first_hundred_indices_are_kept_and_five_are_shown() {
    let data = database();
    let mut client = connect(&data);
    let plan = shop(10, 2_000, "\n  validation:\n    - { constraint: \"id % 2 = 0\" }");
    load_all(&mut client, &plan);
    let found = found(&mut client, &plan);
    let first: Vec<u64> = (0..200).step_by(2).collect();
    assert_eq!(found, [("id % 2 = 0".to_owned(), 1_000, first)]);
    let told = validate(&mut client, &plan).unwrap_err().to_string();
    assert!(told.contains("row indices 0, 2, 4, 6, 8, ..."), "{told}");
}

#[test]
fn what_no_row_asks_is_not_computed() {
    let data = database();
    let mut client = connect(&data);
    let more = "\n  validation:\n    - { constraint: \"(SELECT true UNION ALL SELECT true)\" }";
    let none = shop(5, 0, more);
    load_all(&mut client, &none);
    assert_eq!(found(&mut client, &none), []);
    // A row does.
    let data = database();
    let mut client = connect(&data);
    let one = shop(5, 1, more);
    load_all(&mut client, &one);
    let told = validate(&mut client, &one).unwrap_err().to_string();
    assert!(told.contains("PostgreSQL cannot judge"), "{told}");
}

#[test]
fn subqueries_are_planned_as_joins() {
    let data = database();
    let mut client = connect(&data);
    let conditions = [
        "user_id IN (SELECT id FROM users)",
        "user_id IS NULL OR user_id IN (SELECT id FROM users)",
        "user_id IS NULL OR EXISTS (SELECT FROM users WHERE users.id = user_id) AND total > 0",
        "user_id NOT IN (SELECT -id FROM users)",
        "NOT EXISTS (SELECT FROM users WHERE -users.id = user_id)",
        "total < 0 OR user_id IN (SELECT id FROM users) OR user_id IN (SELECT -id FROM users)",
    ];
    let all = conditions.map(|condition| format!("\n    - {{ constraint: \"{condition}\" }}"));
    let plan = shop(20_000, 40_000, &format!("\n  validation:{}", all.concat()));
    load_all(&mut client, &plan);
    client
        .batch_execute(
            "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey; SET work_mem = '64kB'",
        )
        .unwrap();
    let mut joins = 0;
    for (_, sql) in queries(&mut client, &plan).unwrap() {
        let lines = client.query(&format!("EXPLAIN {sql}"), &[]).unwrap();
        let lines: Vec<String> = lines.iter().map(|row| row.get(0)).collect();
        let told = lines.join("\n");
        assert!(!told.contains("SubPlan") && !told.contains("Nested Loop"), "{sql}\n{told}");
        joins +=
            usize::from(told.contains("Join") || told.contains("Semi") || told.contains("Anti"));
    }
    assert_eq!(joins, conditions.len() + 1);
    assert_eq!(found(&mut client, &plan), []);
}

#[test]
fn a_scan_may_use_several_processes() {
    let data = database();
    let mut client = connect(&data);
    let plan = shop(10, 30_000, "");
    load_all(&mut client, &plan);
    let settings = "SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0";
    client.batch_execute(settings).unwrap();
    for (dataset, sql) in queries(&mut client, &plan).unwrap() {
        let lines = client.query(&format!("EXPLAIN {sql}"), &[]).unwrap();
        let is_parallel =
            lines.iter().any(|row| row.get::<_, String>(0).contains("Parallel Seq Scan"));
        assert!(is_parallel || dataset == "users", "{sql}");
    }
}

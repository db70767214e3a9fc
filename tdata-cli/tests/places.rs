//! Where provisioned rows go, and what of a database stays as it is: schemas and databases of their own, tables of others.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use database::Database;

#[test]
fn a_schema_of_their_own_is_made_and_dropped() {
    for streams in ["1", "3"] {
        let database = Database::new();
        database.execute("CREATE TABLE users (id int); INSERT INTO users VALUES (7)");
        let before = database.dump();
        let more = ["--isolation", "schema", "--streams", streams];
        let told = database.told(
            &[&["provision", "users", "orders", "--volumes", database::VOLUMES], &more[..]]
                .concat(),
        );
        let (id, schema) = (told["id"].as_str().unwrap(), told["schema"].as_str().unwrap());
        assert_eq!(database.count(&format!("SELECT count(*) FROM {schema}.orders")), 200);
        assert_eq!(database.count("SELECT count(*) FROM users"), 1);
        let said = database.run(&["status", id]);
        assert!(said.out.contains(&format!("schema {schema}, made")), "{said:?}");
        // Another one beside it.
        let other = database.provisioned(&more);
        assert_eq!(database.told(&["cleanup", id])["schemas"][0], schema);
        database.told(&["cleanup", &other]);
        assert_eq!((database.dump(), database.tables().len()), (before, 1));
    }
}

#[test]
fn a_database_of_their_own_is_made_and_dropped() {
    let database = Database::new();
    let before = database.dump();
    let is_there = |name: &str| {
        database.count(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))
    };
    for streams in ["1", "3"] {
        let more = ["--isolation", "full", "--streams", streams];
        let told = database.told(
            &[&["provision", "users", "orders", "--volumes", database::VOLUMES], &more[..]]
                .concat(),
        );
        let (id, name) = (told["id"].as_str().unwrap(), told["database"].as_str().unwrap());
        let mut client = database.client_of(name);
        let count = "SELECT count(*) FROM orders JOIN users ON users.id = user_id";
        assert_eq!(client.query_one(count, &[]).unwrap().get::<_, i64>(0), 200);
        assert_eq!(database.states(), [(id.to_owned(), "complete".to_owned())]);
        // Whoever is connected does not keep it.
        assert_eq!(database.told(&["cleanup", id])["databases"][0], name);
        assert_eq!((is_there(name), database.dump()), (0, before.clone()));
        assert!(database.tables().is_empty());
    }
    // What stands in the way leaves no database, and no entry that has one.
    let users = database.project.read("data_definitions/users.yaml");
    database.project.write("data_definitions/users.yaml", &users.replace("varchar(255)", "mood"));
    let said = database.provision(&["--isolation", "full"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(database.tables().is_empty());
    let said = database.provision(&["--isolation", "transaction"]);
    assert_eq!(said.code, Some(2), "{said:?}");
}

/// Tables as migrations make them, with what stands around their rows.
const MIGRATED: &str = "
    CREATE SCHEMA audit;
    CREATE TABLE audit.seen (what text);
    CREATE TABLE users (id int PRIMARY KEY, email varchar(255) UNIQUE, status varchar(20), at timestamptz DEFAULT '2024-01-01');
    CREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE, total numeric(8,2));
    CREATE INDEX ON orders (user_id);
    CREATE VIEW big AS SELECT * FROM orders WHERE total > 100;
    CREATE FUNCTION audit.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit.seen VALUES ('it'); RETURN new; END $$;
    CREATE TRIGGER see AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION audit.see();";

#[test]
fn tables_of_migrations_get_rows_and_stay() {
    let database = Database::new();
    database.execute(MIGRATED);
    // Sequences go on, as with any insert.
    let but_sequences = |database: &Database| {
        let dump = database.dump().into_iter();
        dump.filter(|line| !line.contains("orders_id_seq: ")).collect::<Vec<_>>()
    };
    let before = but_sequences(&database);
    let id = database.provisioned(&[]);
    assert_eq!(database.count("SELECT count(*) FROM orders JOIN users ON users.id = user_id"), 200);
    assert_eq!(database.count("SELECT nextval('orders_id_seq')"), 201);
    let told = database.told(&["cleanup", &id]);
    assert_eq!(told["datasets"][0]["dropped"], false);
    assert!(told["datasets"][0]["stays_because"].is_null(), "it was there before: {told}");
    assert_eq!(but_sequences(&database), before);
    // With rows of others, too.
    database.execute("INSERT INTO users VALUES (7, 'a@example.com', 'no')");
    let before = but_sequences(&database);
    let said = database.provision(&[]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("`users` has 1 row already"), "{said:?}");
    assert_eq!(but_sequences(&database), before);
    let told = database.told(&[
        "provision",
        "users",
        "orders",
        "--volumes",
        database::VOLUMES,
        "--replace",
        "--dry-run",
    ]);
    assert_eq!(
        (&told["status"], &told["replaced"][0]),
        (&"planned".into(), &"public.users".into())
    );
    assert!(told["datasets"][0]["estimated_bytes"].as_u64() > Some(50 * 28), "{told}");
    assert_eq!(but_sequences(&database), before);
}

#[test]
fn rows_of_others_that_would_go_along_are_told() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    // An order of somebody else's would go with its user.
    database.execute("INSERT INTO orders (id, user_id, total) SELECT 9999, min(id), 1 FROM users");
    database.execute("CREATE TABLE logins (user_id int REFERENCES users ON DELETE SET NULL)");
    database.execute("INSERT INTO logins SELECT id FROM users ORDER BY id LIMIT 3");
    let before = database.dump();
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(1), "{said:?}");
    for told in [
        "3 rows of public.logins by the foreign key",
        "1 row of public.orders by",
        "Nothing was taken away",
    ] {
        assert!(said.err.contains(told), "{told}: {said:?}");
    }
    assert_eq!(database.dump(), before);
    // Without those rows, a table stays that another one references.
    database.execute("DELETE FROM logins; DELETE FROM orders WHERE id = 9999");
    let said = database.run(&["cleanup", &id]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("users: its table stays: something else needs it"), "{said:?}");
    assert!(said.err.contains("250 rows deleted, 1 table dropped"), "{said:?}");
    assert_eq!(database.count("SELECT count(*) FROM users"), 0);
}

#[test]
fn programs_are_told_why_a_table_stays() {
    let database = Database::new();
    let id = database.provisioned(&[]);
    database.execute("CREATE VIEW big AS SELECT * FROM orders");
    let told = database.told(&["cleanup", &id]);
    let why = told["datasets"][0]["stays_because"].as_str().unwrap();
    assert!(why.contains("something else needs it"), "{told}");
}

#[test]
fn rows_that_another_table_references_are_not_replaced() {
    let database = Database::new();
    database.execute(MIGRATED);
    database.execute("CREATE TABLE logins (user_id int REFERENCES users ON DELETE CASCADE)");
    database.execute(
        "INSERT INTO users VALUES (1, 'a@example.com', 'no'); INSERT INTO logins VALUES (1)",
    );
    let before = database.dump();
    let said = database.provision(&["--replace"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("rows of other tables reference the rows that are to be replaced"),
        "{said:?}"
    );
    assert_eq!(database.dump(), before);
}

#[test]
fn volumes_are_said_dataset_by_dataset_too() {
    let database = Database::new();
    let all = [
        "provision",
        "--datasets",
        "users,orders",
        "--volume",
        "users=5",
        "--volume",
        "orders=9",
        "--volume",
        "3",
    ];
    let told = database.told(&all);
    assert_eq!(told["record_counts"], serde_json::json!({ "users": 5, "orders": 9 }));
    for key in ["stages", "warnings", "seconds", "streams", "datasets"] {
        assert!(!told[key].is_null(), "{told}");
    }
}

#[test]
fn rows_that_are_there_are_referenced_over_several_connections_too() {
    let database = Database::new();
    database.execute("CREATE TABLE users (id int PRIMARY KEY, email text); INSERT INTO users VALUES (7, 'a'), (9, 'b')");
    let before = database.dump();
    let users = "apiVersion: data.automation/v1\nkind: DataDefinition\nmetadata: { name: users }\nspec:\n  source: existing\n  table: users\n";
    database.project.write("data_definitions/users.yaml", users);
    let told = database.told(&["provision", "orders", "--volume", "orders=5000", "--streams", "3"]);
    assert_eq!((&told["streams"], &told["record_counts"]["users"]), (&3.into(), &0.into()));
    let count =
        "SELECT count(*) FROM orders JOIN users ON users.id = user_id WHERE user_id IN (7, 9)";
    assert_eq!(database.count(count), 5000);
    let keys =
        "SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'";
    assert_eq!(database.count(keys), 1);
    let id = told["id"].as_str().unwrap();
    database.told(&["cleanup", id]);
    assert_eq!((database.dump(), database.tables().len()), (before, 1));
}

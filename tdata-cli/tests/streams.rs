//! Rows that are loaded over several connections, in parts: cut short, gone on with, taken away.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use std::io::Read as _;
use std::process::Child;

use database::{Database, signalled, wait_until};
use postgres::Client;

const MANY: [&str; 5] = ["provision", "users", "orders", "--volume", "full"];

/// The same over several connections.
fn streams<'a>(arguments: &[&'a str], streams: &'a str) -> Vec<&'a str> {
    [arguments, &["--streams", streams]].concat()
}

/// Lets the ledger be there, with an entry, so that a test can put something in the way of others.
fn begin() -> (Database, Vec<String>) {
    let database = Database::new();
    database.provisioned(&["--isolation", "schema"]);
    let dump = database.dump();
    (database, dump)
}

/// Lets a run stand still before it does something: as long as somebody holds a lock.
fn stall(database: &Database, before: &str) -> Client {
    database.execute(&format!(
        "CREATE FUNCTION tdata.stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_advisory_xact_lock(1); RETURN new; END $$; \
         CREATE TRIGGER stall BEFORE {before} EXECUTE FUNCTION tdata.stall()"
    ));
    let mut holder = database.client();
    holder.batch_execute("SELECT pg_advisory_lock(1)").unwrap();
    holder
}

fn wait_until_stalled(database: &Database, child: &mut Child) {
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()";
    wait_until("the stall", || {
        if child.try_wait().unwrap().is_some() {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it did not stand still: {said}");
        }
        database.count(waits) > 0
    });
}

/// Lets all go on.
fn release(database: &Database, holder: Client) {
    drop(holder);
    database.execute("DROP FUNCTION tdata.stall CASCADE");
}

/// Starts a run over four connections that stands still at its third part, when all others of the first dataset are done.
fn stalled_in_a_part() -> (Database, Vec<String>, Child, Client) {
    let (database, before) = begin();
    let holder =
        stall(&database, "UPDATE ON tdata.provision_part FOR EACH ROW WHEN (new.number = 2)");
    let mut child = database.spawn(&streams(&MANY, "4"));
    wait_until_stalled(&database, &mut child);
    let done = "SELECT count(*) FROM tdata.provision_part WHERE finished_at IS NOT NULL";
    wait_until("other parts", || database.count(done) >= 4);
    (database, before, child, holder)
}

#[test]
fn several_connections_load_the_same_as_one() {
    let (one, four) = (Database::new(), Database::new());
    let told = one.told(&streams(&MANY, "1"));
    assert_eq!(told["streams"], 1);
    let told = four.told(&streams(&MANY, "4"));
    assert_eq!((&told["streams"], &told["warnings"]), (&4.into(), &serde_json::json!([])));
    assert_eq!(one.dump(), four.dump());
    assert!(one.dump().iter().any(|line| line.contains("public.orders: 20000 rows")));
    let id = told["id"].as_str().unwrap();
    assert_eq!(four.states(), [(id.to_owned(), "complete".to_owned())]);
    assert_eq!(four.told(&["cleanup", id])["datasets"][0]["deleted"], 20_000);
    assert_eq!(four.dump(), Database::new().dump());
    assert!(four.tables().is_empty());
}

#[test]
fn a_run_that_was_killed_is_gone_on_with() {
    let (database, _, mut child, holder) = stalled_in_a_part();
    // Nobody takes the tables for what they will be.
    let hidden =
        "SELECT count(*) FROM pg_class WHERE relname = 'orders' AND pg_table_is_visible(oid)";
    assert_eq!(database.count(hidden), 0);
    let told = database.told(&["status"]);
    let entry = &told[1];
    assert_eq!(entry["state"], "loading");
    let (loaded, rows) = (&entry["datasets"][0]["loaded"], &entry["datasets"][0]["rows"]);
    assert!(loaded.as_u64() > Some(0) && loaded.as_u64() < rows.as_u64(), "{entry}");
    let said = database.run(&streams(&MANY, "4"));
    assert_eq!(said.code, Some(1), "two at once: {said:?}");
    assert!(said.err.contains("another run provisions"), "{said:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    release(&database, holder);
    database.wait_for_the_end_of_runs();
    let id = entry["id"].as_str().unwrap();
    // Another contract has no use for the parts.
    let said = database.run(&[&streams(&MANY, "4")[..], &["--seed", "7"]].concat());
    assert_eq!(said.code, Some(2), "{said:?}");
    let told = format!("another contract is not loaded to its end: the provision {id}");
    assert!(
        said.err.contains(&told) && said.err.contains(&format!("`tdata cleanup {id}`")),
        "{said:?}"
    );
    let told = database.told(&streams(&MANY, "4"));
    assert_eq!((&told["resumed"], &told["id"]), (&true.into(), &id.into()));
    let other = Database::new();
    other.told(&streams(&MANY, "1"));
    let of_public = |database: &Database| {
        let dump = database.dump().into_iter();
        dump.filter(|line| !line.contains("tdata_")).collect::<Vec<_>>()
    };
    assert_eq!(of_public(&database), of_public(&other));
    assert!(database.states().iter().all(|(_, state)| state == "complete"));
}

#[test]
fn what_a_killed_run_has_left_is_taken_away() {
    for clean in [true, false] {
        let (database, before, mut child, holder) = stalled_in_a_part();
        child.kill().unwrap();
        child.wait().unwrap();
        release(&database, holder);
        database.wait_for_the_end_of_runs();
        assert_ne!(database.dump(), before);
        let [_, (id, _)] = &database.states()[..] else { panic!("two are entered") };
        if clean {
            let told = database.told(&["cleanup", id]);
            assert_eq!(told["datasets"][1]["dropped"], true, "{told}");
            assert_eq!(database.dump(), before);
        } else {
            // One connection goes on with nothing.
            let told = database.told(&streams(&MANY, "1"));
            assert_eq!(
                (&told["resumed"], &told["taken_away"]),
                (&false.into(), &id.as_str().into())
            );
            let new = told["id"].as_str().unwrap();
            assert_ne!(new, id, "what is loaded instead has an ID of its own");
            database.told(&["cleanup", new]);
            assert_eq!(database.dump(), before);
        }
        assert_eq!(database.states().len(), 1);
    }
}

#[test]
fn an_interrupt_leaves_the_database_as_it_was() {
    let (database, before, child, holder) = stalled_in_a_part();
    let said = signalled(child, "INT");
    assert_eq!(said.code, Some(130), "{said:?}");
    assert!(said.err.contains("interrupted; nothing is left that was not finished"), "{said:?}");
    release(&database, holder);
    assert_eq!((database.states().len(), database.dump()), (1, before));

    let (database, before) = begin();
    let holder = stall(&database, "INSERT ON tdata.provision FOR EACH ROW");
    let mut child = database.spawn(&streams(&MANY, "1"));
    wait_until_stalled(&database, &mut child);
    let said = signalled(child, "TERM");
    assert_eq!(said.code, Some(130), "{said:?}");
    release(&database, holder);
    assert_eq!((database.states().len(), database.dump()), (1, before));

    // While rows are checked, they are there.
    let (database, _) = begin();
    let holder =
        stall(&database, "UPDATE ON tdata.provision FOR EACH ROW WHEN (new.state = 'complete')");
    let mut child = database.spawn(&streams(&MANY, "1"));
    wait_until_stalled(&database, &mut child);
    let said = signalled(child, "INT");
    assert_eq!(said.code, Some(130), "{said:?}");
    assert!(said.err.contains("the rows are there, and not checked"), "{said:?}");
    assert_eq!(database.states()[1].1, "unchecked");
    release(&database, holder);
    database.told(&streams(&MANY, "1"));
    assert_eq!(database.states()[1].1, "complete");
}

#[test]
fn tables_that_are_there_are_loaded_over_one_connection() {
    let database = Database::new();
    database
        .execute("CREATE TABLE users (id int PRIMARY KEY, email varchar(255), status varchar(20))");
    let told = database.told(&streams(&MANY, "4"));
    assert_eq!(told["streams"], 1);
    assert!(told["warnings"][0].as_str().unwrap().contains("the table users is there already"));
}

#[test]
fn rows_that_cannot_be_loaded_leave_nothing() {
    for streams_of in ["1", "4"] {
        let (database, before) = begin();
        // Other parts are done by then, or on their way.
        let when = match streams_of {
            "1" => "INSERT ON tdata.provision FOR EACH ROW",
            _ => "UPDATE ON tdata.provision_part FOR EACH ROW WHEN (new.number = 5)",
        };
        database.execute(&format!(
            "CREATE FUNCTION tdata.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$; \
             CREATE TRIGGER refuse BEFORE {when} EXECUTE FUNCTION tdata.refuse()"
        ));
        let said = database.run(&streams(&MANY, streams_of));
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains("P0001") && !said.err.contains("may be there"), "{said:?}");
        database.execute("DROP FUNCTION tdata.refuse CASCADE");
        assert_eq!((database.states().len(), database.dump()), (1, before));
    }
}

#[test]
fn rows_in_another_order_are_told_as_those_of_the_table() {
    let database = Database::new();
    let users = database.project.read("data_definitions/users.yaml");
    let promise = "  validation:\n    - { constraint: \"id <> 812\" }\n";
    database.project.write("data_definitions/users.yaml", &(users + promise));
    let counted = "counted in the table";
    let said = database.run(&streams(&MANY, "4"));
    assert!(said.code == Some(3) && said.err.contains(counted), "{said:?}");
    let said = database.run(&[&streams(&MANY, "1")[..], &["--replace"]].concat());
    assert!(said.code == Some(3) && !said.err.contains(counted), "{said:?}");
    assert!(said.err.contains("row index 811"), "{said:?}");
}

#[test]
fn a_database_that_was_not_filled_is_dropped_by_the_next_run() {
    let (database, before) = begin();
    let full = [&MANY[..], &["--isolation", "full"]].concat();
    let holder = stall(&database, "UPDATE ON tdata.provision FOR EACH ROW");
    let mut child = database.spawn(&full);
    wait_until_stalled(&database, &mut child);
    let told = database.told(&["status"]);
    let (left, name) = (told[1]["id"].clone(), told[1]["database"].as_str().unwrap());
    assert_eq!(told[1]["state"], "loading");
    let is_there = |name: &str| {
        database.count(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'"))
    };
    assert_eq!(is_there(name), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    release(&database, holder);
    database.wait_for_the_end_of_runs();
    let told = database.told(&full);
    assert_eq!((&told["taken_away"], is_there(name)), (&left, 0));
    let (id, name) = (told["id"].as_str().unwrap(), told["database"].as_str().unwrap());
    assert_eq!(is_there(name), 1);
    database.told(&["cleanup", id]);
    assert_eq!((is_there(name), database.dump()), (0, before));
}

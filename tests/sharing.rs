//! What processes share: a server, templates and what these are built upon, databases, data of wider scopes.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;
mod own_server;

use std::collections::BTreeSet;
use std::process::Child;

use address::in_database;
use own_server::{OwnServer, READY, THREADS, child, port, run};
use postgres::{Client, NoTls};
use tdata::{TestData, Volume};

#[test]
fn processes_share_a_server_while_any_of_them_lives() {
    let Some(server) = OwnServer::new() else { return };
    let starts: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| server.start("1s"))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    let place = port(&starts[0].url).to_owned();
    for mut child in starts {
        assert_eq!(port(&child.url), place);
        // What one leaves behind, and how, is nothing to the others.
        child.kill();
        let mut other = server.start("1s");
        assert_eq!(port(&other.url), place);
        other.finish();
    }
    server.wait_for_the_end();
}

#[test]
fn a_kept_server_serves_the_next_run_and_ends_when_the_last_says_so() {
    let Some(server) = OwnServer::new() else { return };
    let mut first = server.start("10m");
    let place = port(&first.url).to_owned();
    first.kill();
    let mut second = server.start("10m");
    assert_eq!(port(&second.url), place);
    second.finish();
    server.start("0s").finish();
    server.wait_for_the_end();
}

#[test]
fn sixty_four_processes_boot_one_server() {
    let Some(server) = OwnServer::new() else { return };
    let environment = server.environment("1s");
    let children: Vec<Child> = (0..64)
        .map(|_| child("own_server::a_child_with_many_threads", &environment).spawn().unwrap())
        .collect();
    let mut ports = BTreeSet::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{text}{told}");
        let urls: Vec<&str> =
            text.lines().filter_map(|line| Some(line.split_once(READY)?.1)).collect();
        assert_eq!(urls.len(), THREADS, "{text}");
        ports.extend(urls.into_iter().map(|url| port(url).to_owned()));
    }
    assert_eq!(ports.len(), 1, "{ports:?}");
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_shares() {
    for (writable, isolation) in [
        (false, tdata::Isolation::Full),
        (true, tdata::Isolation::Full),
        (false, tdata::Isolation::Transaction),
        (false, tdata::Isolation::Schema),
    ] {
        let request = TestData::request(["users"]).volume("users", 5).writable(writable);
        let data =
            request.scope(tdata::Scope::Shared, "").isolation(isolation).provision().unwrap();
        let mut db = data.client();
        let sql = "SELECT count(*) FROM users WHERE first_name = 'seen'";
        let seen: i64 = db.query_one(sql, &[]).unwrap().get(0);
        let update = "UPDATE users SET first_name = 'seen' WHERE id = 1";
        let may_write = writable || isolation == tdata::Isolation::Transaction;
        assert_eq!(db.execute(update, &[]).is_ok(), may_write);
        println!("{isolation} {writable}: {} {seen}", data.url());
    }
}

#[test]
fn tests_of_wider_scopes_share_their_data_between_processes() {
    let Some(server) = OwnServer::new() else { return };
    // It keeps the server up in between.
    let mut host = server.start("1s");
    let share = |run_id: &str| {
        let text = run(
            "a_child_that_shares",
            &[&server.environment("1s")[..], &[("NEXTEST_RUN_ID", run_id)]].concat(),
        );
        ["full false: ", "full true: ", "transaction false: ", "schema false: "].map(|kind| {
            let told = text.lines().find_map(|line| line.strip_prefix(kind)).unwrap();
            told.rsplit_once(' ').map(|(url, seen)| (url.to_owned(), seen.to_owned())).unwrap()
        })
    };
    let [read, written, rolled_back, schema] = share("first");
    let again = share("first");
    let other = share("other");
    assert_eq!((&again[0], &other[0]), (&read, &read), "what is only read is one for all");
    assert_eq!((&again[2], &other[2]), (&rolled_back, &rolled_back));
    assert_eq!((&again[3], &other[3]), (&schema, &schema));
    assert_eq!(again[1], (written.0.clone(), "1".to_owned()), "a run sees what it wrote");
    assert_eq!(written.1, "0");
    assert_ne!(other[1].0, written.0, "and no other run");
    assert_eq!(other[1].1, "0");
    host.finish();
    server.wait_for_the_end();
}

/// The maintenance database of the server that some data are on.
fn maintenance(url: &str) -> Client {
    Client::connect(&in_database(url, "postgres"), NoTls).unwrap()
}

/// The databases of a kind, such as `template` or `layer`.
fn databases(maintenance: &mut Client, kind: &str) -> BTreeSet<String> {
    let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE 'tdata\\_' || $1 || '\\_%'";
    maintenance.query(sql, &[&kind]).unwrap().iter().map(|row| row.get(0)).collect()
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_layers() {
    let request = |dataset: &str| {
        TestData::request([dataset]).volume("users", 8_000).volume(dataset, 50).provision().unwrap()
    };
    let users = |data: &TestData| {
        let sql = "SELECT md5(string_agg(users::text, '' ORDER BY id)) FROM users";
        data.client().query_one(sql, &[]).unwrap().get::<_, String>(0)
    };
    let orders = request("orders");
    let mut server = maintenance(orders.url());
    let layers = databases(&mut server, "layer");
    assert_eq!(layers.len(), 1, "8,000 users are worth a layer");
    let payments = request("payments");
    assert_eq!(databases(&mut server, "layer"), layers, "which serves whoever needs these users");
    assert_eq!(users(&orders), users(&payments));
    // Rows that tests have asked for alone are as good as a layer.
    let alone = TestData::request(["users"]).volume("users", 8_001).provision().unwrap();
    let upon = TestData::request(["orders"]).volume("users", 8_001).provision().unwrap();
    assert_eq!(databases(&mut server, "layer"), layers);
    assert_eq!(users(&alone), users(&upon));
    // What is built without layers is the same.
    let schema = TestData::request(["orders"]).volume("users", 8_000).volume("orders", 50);
    let schema = schema.isolation(tdata::Isolation::Schema).provision().unwrap();
    assert_eq!(users(&schema), users(&orders));
    println!("done");
}

#[test]
fn contracts_that_differ_in_one_dataset_share_the_rest() {
    let Some(server) = OwnServer::new() else { return };
    let text = run("a_child_that_layers", &server.environment("1s"));
    assert!(text.contains("done"), "{text}");
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_prewarms() {
    TestData::request(["users"]).volume("users", 7).prewarm(3).unwrap();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_finds_clones() {
    let provision = || TestData::request(["users"]).volume("users", 7).provision().unwrap();
    let all: Vec<TestData> = (0..4).map(|_| provision()).collect();
    for data in &all {
        println!("\ndatabase: {}", data.database());
    }
}

#[test]
fn clones_wait_for_tests_that_are_yet_to_start() {
    let Some(server) = OwnServer::new() else { return };
    let mut host = server.start("1s");
    run("a_child_that_prewarms", &server.environment("1s"));
    let mut maintenance = maintenance(&host.url);
    let made = databases(&mut maintenance, "clone");
    let text = run("a_child_that_finds_clones", &server.environment("1s"));
    let found: BTreeSet<String> =
        text.lines().filter_map(|line| Some(line.strip_prefix("database: ")?.to_owned())).collect();
    assert_eq!(found.len(), 4);
    assert_eq!(found.intersection(&made).count(), 3, "three were made before, one when asked for");
    drop(maintenance);
    host.finish();
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_that_spoils_its_database() {
    let provision = || TestData::request(["users"]).volume("users", 8).provision().unwrap();
    let first = provision();
    let mut server = maintenance(first.url());
    let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'tdata\\_clone\\_%'";
    let mut clones = || server.query_one(sql, &[]).unwrap().get::<_, i64>(0);
    assert_eq!(clones(), 1);
    first.client().batch_execute("CREATE TABLE spoilt ()").unwrap();
    let spoilt = first.url().to_owned();
    first.release();
    // Its successor comes before it goes.
    own_server::wait_until("the successor", || {
        clones() == 2 || Client::connect(&spoilt, NoTls).is_err()
    });
    own_server::wait_until("the end of what was spoilt", || {
        Client::connect(&spoilt, NoTls).is_err()
    });
    assert_eq!(clones(), 1);
    let second = provision();
    assert_eq!(clones(), 1, "who comes next has it at once");
    assert!(second.client().batch_execute("SELECT FROM spoilt").is_err());
    println!("done");
}

#[test]
fn a_database_that_goes_has_a_successor() {
    let Some(server) = OwnServer::new() else { return };
    let text = run("a_child_that_spoils_its_database", &server.environment("1s"));
    assert!(text.contains("done"), "{text}");
    server.wait_for_the_end();
}

#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_with_many_contracts() {
    let request = |seed| {
        let request = TestData::request(["accounts"]).every_volume(Volume::Rows(1)).seed(seed);
        request.provision().unwrap()
    };
    let first = request(0);
    for seed in 1..106 {
        request(seed).release();
    }
    let data = request(0);
    assert_eq!(data.dataset("accounts").len(), 1, "what had to go is built again");
    let mut server = maintenance(data.url());
    assert_eq!(databases(&mut server, "template").len(), 100);
    // Clones of the template that had to go are not those of the one built in its place.
    data.release();
    first.release();
    let again = request(0);
    assert_eq!(again.url(), data.url());
    println!("done");
}

#[test]
fn the_oldest_templates_make_room() {
    let Some(server) = OwnServer::new() else { return };
    let text = run("a_child_with_many_contracts", &server.environment("1s"));
    assert!(text.contains("done"), "{text}");
    server.wait_for_the_end();
}

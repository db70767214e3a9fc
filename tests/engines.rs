//! Engines that a program makes itself.

#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use the rest")]
mod guest;
#[expect(dead_code, reason = "other tests use the rest")]
mod own_server;
mod project;

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use guest::Guest;
use own_server::{OwnServer, port, run, wait_until};
use postgres::{Client, NoTls};
use project::Project;
use tdata::{Config, Engine, Isolation, Notices, ServerChoice, TestData};

const ACCOUNTS: &str = "  fields:\n    - { name: id, type: integer, generator: sequence }\n    \
                        - { name: name, type: text, generator: full_name, masking: true }\n";

fn project() -> Project {
    Project::with(&[]).define("accounts", ACCOUNTS)
}

/// Notices, and what was said.
fn notices() -> (Notices, Receiver<String>) {
    let (sender, said) = channel();
    (Notices::to(move |text| drop(sender.send(text.to_owned()))), said)
}

fn names(data: &TestData) -> Vec<String> {
    data.dataset("accounts").iter().map(|row| row.get("name")).collect()
}

/// Prints what it did, for the test that runs it.
#[test]
#[ignore = "run by other tests as a process of its own"]
fn a_child_with_two_engines() {
    let programs = std::env::var("TEST_PROGRAMS").unwrap();
    let url = std::env::var("TEST_URL").unwrap();
    let (shop, other) = (project(), project());
    let (to_one, said) = notices();
    let one = Engine::new(
        Config::new()
            .project(shop.path())
            .server(ServerChoice::Local)
            .programs(programs)
            .keep_alive(Duration::from_secs(1))
            .seed(1)
            .notices(to_one),
    );
    let two = Engine::new(
        Config::new().project(other.path()).database_url(url).seed(2).notices(Notices::none()),
    );
    let request = |engine: &Engine| engine.request(["accounts"]).volume("accounts", 20);
    let (first, second) = (request(&one).provision().unwrap(), request(&two).provision().unwrap());
    assert_ne!(port(first.url()), port(second.url()));
    assert_eq!((first.seed(), second.seed()), (1, 2));
    assert_ne!(names(&first), names(&second));
    let schema = request(&two).isolation(Isolation::Schema).provision().unwrap();
    assert_eq!(names(&schema), names(&second));
    println!("\nserver: {}", port(first.url()));
    // One ends while its data are held, the other behind them.
    one.close();
    assert!(request(&one).provision().is_err());
    drop((first, second, schema));
    two.close();
    drop(two);
    assert!(said.try_iter().all(|notice| !notice.contains("could not")));
    println!("done");
}

#[test]
fn two_engines_of_different_settings_leave_nothing() {
    let Some(server) = OwnServer::new() else { return };
    let OwnServer::Local { programs, .. } = &server else { return };
    let guest = Guest::new("two_engines", "CREATEDB");
    let environment = [("TEST_PROGRAMS", programs.as_str()), ("TEST_URL", guest.url.as_str())];
    let text = run("a_child_with_two_engines", &environment);
    assert!(text.contains("done"), "{text}");
    assert_eq!(guest.databases(), Vec::<String>::new());
    server.wait_for_the_end();
}

#[test]
fn an_engine_ends_when_its_program_says_so() {
    let (guest, project) = (Guest::new("ends_itself", "CREATEDB"), project());
    let config = Config::new().project(project.path()).database_url(&guest.url);
    let engine = Engine::new(config.notices(Notices::none()));
    let data = engine.request(["accounts"]).provision().unwrap();
    let clone = engine.clone();
    drop(engine);
    assert!(guest.databases().len() >= 3, "a handle to it is left");
    drop(data);
    drop(clone);
    assert_eq!(guest.databases(), Vec::<String>::new());
}

#[test]
fn data_can_outlive_their_engine_for_a_time() {
    let (guest, project) = (Guest::new("outlives", "CREATEDB"), project());
    let engine = |seed| {
        let config = Config::new().project(project.path()).database_url(&guest.url).seed(seed);
        Engine::new(config.notices(Notices::none()))
    };
    let first = engine(1);
    let data = first.request(["accounts"]).provision().unwrap();
    data.keep_for(Duration::from_secs(3)).unwrap();
    let again = data.keep_for(Duration::from_secs(9)).unwrap_err().to_string();
    assert_eq!(again, "the data are kept for a time already: `keep_for` gives it once");
    let url = data.url().to_owned();
    data.release();
    first.close();
    let mut client = Client::connect(&url, NoTls).unwrap();
    let count = |client: &mut Client| {
        client.query_one("SELECT count(*) FROM accounts", &[]).map(|row| row.get::<_, i64>(0))
    };
    assert_eq!(count(&mut client).unwrap(), 100);
    // Whoever looks behind that time drops them, whoever is connected.
    wait_until("the end of their time", || {
        let other = engine(2);
        other.request(["accounts"]).volume("accounts", 1).provision().unwrap().release();
        other.close();
        count(&mut client).is_err()
    });
    wait_until("the end of all", || {
        engine(3).request(["accounts"]).volume("accounts", 1).provision().unwrap().release();
        guest.databases().is_empty()
    });
}

#[test]
fn data_held_beyond_their_engine_go_with_their_handle() {
    let (guest, project) = (Guest::new("held_beyond", "CREATEDB"), project());
    let config = Config::new().project(project.path()).database_url(&guest.url);
    let engine = || Engine::new(config.clone().notices(Notices::none()));
    let (first, second) = (engine(), engine());
    let held = first.request(["accounts"]).provision().unwrap();
    let other = second.request(["accounts"]).provision().unwrap();
    let database = held.database().to_owned();
    first.close();
    assert!(guest.databases().contains(&database));
    assert_eq!(names(&held), names(&other));
    drop(held);
    assert!(!guest.databases().contains(&database));
    assert_eq!(names(&other).len(), 100);
    drop(other);
    second.close();
    assert_eq!(guest.databases(), Vec::<String>::new());
}

#[test]
fn a_time_can_be_longer_than_clocks_go() {
    let (guest, project) = (Guest::new("for_ever", "CREATEDB"), project());
    let config = Config::new().project(project.path()).database_url(&guest.url);
    let engine = Engine::new(config.notices(Notices::none()));
    let data = engine.request(["accounts"]).provision().unwrap();
    data.keep_for(Duration::MAX).unwrap();
    let database = data.database().to_owned();
    drop(data);
    engine.close();
    let kept = guest.databases();
    assert!(kept.contains(&database), "{kept:?}");
    for database in kept {
        guest.host.client().batch_execute(&format!("DROP DATABASE {database}")).unwrap();
    }
}

#[test]
fn data_that_others_use_cannot_be_given_a_time() {
    let request = TestData::request(["accounts"]).volume("accounts", 3).seed(77);
    let shared = request.clone().scope(tdata::Scope::Shared, "");
    let rolled_back = request.isolation(Isolation::Transaction);
    for request in [shared, rolled_back] {
        let data = request.provision().unwrap();
        let error = data.keep_for(Duration::from_secs(1)).unwrap_err().to_string();
        assert!(error.contains("isolation = \"full\" and scope = \"test_case\""), "{error}");
        assert_eq!(data.dataset("accounts").len(), 3);
    }
}

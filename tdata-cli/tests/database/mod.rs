//! A database that rows are provisioned into, and all that is in it.

#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tdata_runtime::{Config, Engine, Notices, TestData};

use crate::run::{Project, Said};

pub(crate) const VOLUMES: &str = "users=50,orders=200";

/// A database, and a project whose rows get into it.
pub(crate) struct Database {
    pub(crate) project: Project,
    pub(crate) url: String,
    /// What keeps it there.
    _data: Option<(TestData, Engine)>,
}

impl Database {
    /// A database without tables.
    pub(crate) fn new() -> Self {
        let project = Project::new();
        let config = Config::from_environment().unwrap().project(project.path());
        let engine = Engine::new(config.workspace(project.path()).notices(Notices::none()));
        let data = engine.request::<&str>([]).provision().unwrap();
        Self { project, url: data.url().to_owned(), _data: Some((data, engine)) }
    }

    /// A database of a URL.
    pub(crate) fn of(url: String) -> Self {
        Self { project: Project::new(), url, _data: None }
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(&self.url, NoTls).unwrap()
    }

    /// Connects to another database of the server.
    pub(crate) fn client_of(&self, database: &str) -> Client {
        let mut config: postgres::Config = self.url.parse().unwrap();
        config.dbname(database).connect(NoTls).unwrap()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.client().batch_execute(sql).unwrap();
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.client().query_one(sql, &[]).unwrap().get(0)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.project.run(&[arguments, &["--database-url", &self.url]].concat())
    }

    /// Starts a run that goes on by itself.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let arguments = [arguments, &["--database-url", &self.url]].concat();
        let mut command = self.project.command(&arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn provision(&self, more: &[&str]) -> Said {
        self.run(&[&["provision", "users", "orders", "--volumes", VOLUMES], more].concat())
    }

    /// Runs what must end well, and returns what it told.
    pub(crate) fn told(&self, arguments: &[&str]) -> serde_json::Value {
        let said = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }

    /// Provisions, and returns the ID.
    pub(crate) fn provisioned(&self, more: &[&str]) -> String {
        let told =
            self.told(&[&["provision", "users", "orders", "--volumes", VOLUMES], more].concat());
        assert_eq!(told["status"], "success");
        assert_eq!(told["record_counts"]["orders"], 200);
        told["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn states(&self) -> Vec<(String, String)> {
        let told = self.told(&["status"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let entries = told.as_array().unwrap().iter();
        entries.map(|entry| (text(&entry["id"]), text(&entry["state"]))).collect()
    }

    /// Names all tables that somebody made.
    pub(crate) fn tables(&self) -> BTreeSet<String> {
        let sql = "SELECT format('%s.%s', schemaname, tablename) FROM pg_tables \
                   WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        self.client().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Tells all that is in the database but the ledger: schemas, columns, constraints, indexes, sequences, triggers, and rows.
    pub(crate) fn dump(&self) -> Vec<String> {
        let mut client = self.client();
        let own = "nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'tdata')";
        let mut dump = Vec::new();
        for sql in [
            format!("SELECT 'schema ' || nspname FROM pg_namespace WHERE {own}"),
            format!(
                "SELECT format('%s %s.%s: %s %s %s %s', c.relkind, nspname, relname, attname, \
                 format_type(atttypid, atttypmod), attnotnull, obj_description(c.oid)) \
                 FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                 JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped WHERE {own}"
            ),
            format!(
                "SELECT format('%s.%s: %s %s %s', nspname, conrelid::regclass, conname, pg_get_constraintdef(c.oid), convalidated) \
                 FROM pg_constraint c JOIN pg_namespace n ON n.oid = connamespace WHERE {own}"
            ),
            format!(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid \
                 JOIN pg_namespace n ON n.oid = relnamespace WHERE {own}"
            ),
            format!(
                "SELECT format('%s.%s: %s', nspname, relname, pg_sequence_last_value(c.oid)) FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'S' AND {own}"
            ),
            "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
                .to_owned(),
        ] {
            let rows = client.query(&sql, &[]).unwrap();
            let mut lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            lines.sort();
            dump.extend(lines);
        }
        for table in self.tables().iter().filter(|table| !table.starts_with("tdata.")) {
            let sum = format!(
                "SELECT format('%s rows, %s', count(*), md5(string_agg(t::text, ',' ORDER BY t::text))) FROM {table} t"
            );
            let sum: String = client.query_one(&sum, &[]).unwrap().get(0);
            dump.push(format!("{table}: {sum}"));
        }
        dump
    }

    /// Waits until nobody but the test is connected.
    pub(crate) fn wait_for_the_end_of_runs(&self) {
        let mut client = self.client();
        let alive = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'tdata' AND datname = current_database()";
        wait_until("the end of all sessions", || {
            client.query_one(alive, &[]).unwrap().get::<_, i64>(0) == 0
        });
    }
}

/// Waits for something that comes.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(120), "{what} did not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Sends a signal to a run, and returns how that ends.
pub(crate) fn signalled(child: Child, signal: &str) -> Said {
    let kill = format!("kill -{signal} {}", child.id());
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    crate::run::said(child.wait_with_output().unwrap())
}

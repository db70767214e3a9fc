//! Databases of the command's own: what is known of them, and who may know it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod database;
mod run;

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use database::Database;
use run::{Project, Said};
use tempfile::TempDir;

const ID: &str = "6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11";
const NOBODY: &str = "postgres://app@127.0.0.1:1/shop?sslmode=disable";

/// A user with a state folder of their own.
struct User {
    project: Project,
    state: TempDir,
    /// The URL of a server that tdata did not boot.
    url: Option<String>,
}

impl User {
    fn new(url: Option<&str>) -> Self {
        let state = tempfile::tempdir().unwrap();
        Self { project: Project::new(), state, url: url.map(str::to_owned) }
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let mut command = self.project.command(arguments);
        command.env("XDG_STATE_HOME", self.state.path()).env_remove("TEST_DATABASE_URL");
        command.env_remove("PGPASSWORD").env("TDATA_SERVER", "url");
        if let Some(url) = &self.url {
            command.env("TDATA_DATABASE_URL", url);
        }
        run::said(command.output().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.state.path().join("tdata/provisions")
    }

    /// Writes down a database that stays for ten minutes.
    fn knows(&self, url: &str, is_owned: bool) {
        let until = SystemTime::now() + Duration::from_secs(600);
        let until = until.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let record = serde_json::json!({
            "url": url, "database": "tdata_nowhere", "maintenance": "postgres", "owned": is_owned, "until": until,
        });
        fs::create_dir_all(self.folder()).unwrap();
        fs::write(self.folder().join(ID), record.to_string()).unwrap();
    }

    fn is_known(&self) -> bool {
        self.folder().join(ID).exists()
    }
}

#[test]
fn a_server_that_cannot_be_reached_does_not_say_that_a_database_is_gone() {
    let user = User::new(None);
    user.knows(NOBODY, false);
    let said = user.run(&["status", "--format", "json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("127.0.0.1:1"), "{said:?}");
    assert!(said.out.contains("unreachable"), "{said:?}");
    let said = user.run(&["cleanup", ID]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("127.0.0.1:1"), "{said:?}");
    assert!(user.is_known());
}

#[test]
fn a_server_that_tdata_booted_takes_its_databases_along() {
    for verb in [&["status"][..], &["cleanup", ID]] {
        let user = User::new(None);
        user.knows(NOBODY, true);
        let said = user.run(verb);
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
        assert!(!user.is_known());
    }
}

#[test]
fn a_database_that_its_server_does_not_have_is_forgotten() {
    let server = Database::new();
    for verb in [&["status"][..], &["cleanup", ID]] {
        let user = User::new(Some(&server.url));
        user.knows(&without_password(&server.url), false);
        let said = user.run(verb);
        assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
        assert!(!user.is_known());
    }
}

/// Leaves the password out of a URL.
fn without_password(url: &str) -> String {
    tdata_postgres::without_password(url)
}

#[test]
fn the_password_of_a_server_of_others_is_neither_told_nor_written_down() {
    let server = Database::new();
    let password = server.url.split('@').next().unwrap().rsplit(':').next().unwrap();
    let mut user = User::new(Some(&server.url));
    let said = user.run(&["provision", "users", "--volumes", "users=20", "--quiet"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let id = said.err.trim().strip_prefix("ID ").unwrap().to_owned();
    let told = user.run(&["status", "--format", "json"]);
    let text = user.run(&["status"]);
    let written = fs::read_to_string(user.folder().join(&id)).unwrap();
    for text in [&said.out, &told.out, &text.out, &written] {
        assert!(text.contains("postgres://") && !text.contains(password), "{text}");
    }
    // Without the password, nobody says that the database is gone.
    let url = user.url.take();
    assert_eq!(user.run(&["status"]).code, Some(1));
    assert_eq!(user.run(&["cleanup", &id]).code, Some(1));
    user.url = url;
    let json = user.run(&["cleanup", &id, "--format", "json"]);
    assert_eq!(json.code, Some(0), "{json:?}");
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    let config: postgres::Config = told[0]["url"].as_str().unwrap().parse().unwrap();
    let database = config.get_dbname().unwrap();
    let count = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
    assert_eq!(server.count(&count), 0);
}

#[test]
fn a_project_with_shards_has_databases_of_the_commands_own_where_that_is_said() {
    let user = User::new(Some(NOBODY));
    user.project.write("tdata.toml", &format!("as_of = 2024-05-01\nshards = [\"{NOBODY}\"]\n"));
    assert_eq!(user.run(&["status"]).code, Some(1));
    assert_eq!(user.run(&["status", "--own"]).code, Some(0));
    assert_eq!(user.run(&["cleanup", "--own", ID]).code, Some(0));
    let dry = user.run(&["provision", "--own", "--dry-run", "users"]);
    assert_eq!(dry.code, Some(0), "{dry:?}");
    assert_eq!(user.run(&["status", "--own", "--database-url", NOBODY]).code, Some(2));
}

#[test]
fn nothing_is_made_that_cannot_be_written_down() {
    let user = User::new(Some(NOBODY));
    fs::write(user.state.path().join("tdata"), "").unwrap();
    let said = user.run(&["provision", "users"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("cannot write into") && said.err.contains("provisions"), "{said:?}");
}

#[test]
fn what_a_killed_run_began_to_write_down_is_removed_in_the_end() {
    let user = User::new(None);
    fs::create_dir_all(user.folder()).unwrap();
    let (old, new) = (user.folder().join(".tmpold"), user.folder().join(".tmpnew"));
    File::create(&new).unwrap();
    let days = Duration::from_secs(2 * 24 * 60 * 60);
    File::create(&old).unwrap().set_modified(SystemTime::now() - days).unwrap();
    assert_eq!(user.run(&["status"]).code, Some(0));
    assert_eq!((old.exists(), new.exists()), (false, true));
}

//! Runs the command in a project of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, clippy::allow_attributes, reason = "not every test uses all of it")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const USERS: &str = r#"# People who log in.
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: users, version: v1.0.0, description: "People: who log in" }
spec:
  table: users
  volume: { count: 5000 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: email, type: varchar(255), generator: email, unique: true, masking: true }
    - { name: status, type: varchar(20), generator: choice, choices: [active, "no"], weights: [80, 20] }
"#;

const ORDERS: &str = "
apiVersion: data.automation/v1
kind: DataDefinition
metadata: { name: orders }
spec:
  table: orders
  volume: { count: 20000 }
  fields:
    - { name: id, type: integer, generator: sequence }
    - { name: total, type: \"numeric(8,2)\", generator: random_decimal, min: 1, max: 500 }
  relationships:
    - { foreignKey: user_id, references: users.id, onDelete: cascade }
";

/// A project with users and their orders.
pub(crate) struct Project(TempDir);

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) code: Option<i32>,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data_definitions")).unwrap();
        let project = Self(folder);
        project.write("data_definitions/users.yaml", USERS);
        project.write("data_definitions/orders.yaml", ORDERS);
        project.write("tdata.toml", "as_of = 2024-05-01\n");
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.0.path().join(file), text).unwrap();
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.path().join(file)).unwrap()
    }

    pub(crate) fn exists(&self, file: &str) -> bool {
        self.0.path().join(file).exists()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tdata"));
        command.args(arguments).current_dir(self.path()).env("COLUMNS", "100");
        // Nothing of whoever runs the tests counts.
        let own = std::env::vars_os().map(|(name, _)| name);
        for name in own.filter(|name| name.to_string_lossy().starts_with("TDATA_")) {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().unwrap())
    }

    /// Runs what must end well, and returns what it printed.
    pub(crate) fn out(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.err);
        said.out
    }

    /// Returns the names of all files of a folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.0.path().join(folder)) else { return Vec::new() };
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry.unwrap().file_name().into_string().unwrap()
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }
}

pub(crate) fn said(output: Output) -> Said {
    Said {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

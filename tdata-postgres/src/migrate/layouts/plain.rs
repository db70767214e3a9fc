//! Plain files: all of a folder, by the numbers that they start with, then by their names.

use tdata_core::project::MigrationLayout;

use super::layout::{Layout, Settings};
use crate::migrate::folder::Folder;
use crate::migrate::found::Found;
use crate::migrate::migration::{Migration, Mode};
use crate::migrate::surroundings::Surroundings;

pub(super) const PLAIN: Layout = Layout {
    word: MigrationLayout::Plain,
    find,
    order,
    is_merged: false,
    outside: "say so in the file's first line, `-- no-transaction`",
    settings: Settings::EndWithFile,
    history: None,
};

fn find(folder: &Folder, _: &Surroundings<'_>, found: &mut Found) {
    for name in folder.top().filter(|name| name.ends_with(".sql")) {
        if name.ends_with(".down.sql") || name == "down.sql" {
            found.pass_over(name);
        } else {
            take(folder, name, found);
        }
    }
}

/// Takes a file.
pub(in crate::migrate) fn take(folder: &Folder, name: &str, found: &mut Found) {
    if let Some(migration) = found.take(folder, name, "", "") {
        let first = migration.sql.lines().next().unwrap_or_default();
        if first.trim_start().starts_with("--") && first.contains("no-transaction") {
            migration.mode = Mode::OneByOne;
        }
    }
}

fn order(found: &mut Found) {
    found.order(|migration: &Migration| (number(&migration.name), migration.name.clone()));
}

/// The number a name starts with; dashes between digits belong to it, as in dates.
fn number(name: &str) -> u128 {
    let name = name.strip_prefix(['V', 'v']).unwrap_or(name);
    let end = name.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(name.len());
    let digits: String = name[..end].chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u128::MAX)
}

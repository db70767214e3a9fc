//! Finds migrations in the layouts of the usual tools, in the order they are meant to run.

use std::fs;
use std::io;
use std::path::Path;

use super::error::MigrateError;
use super::migration::{Migration, Mode};
use super::text::decode;

/// Reads the migrations of a folder.
///
/// Plain files (`001_users.sql`), sqlx (`20240101_users.sql`, `20240101_users.up.sql`), refinery
/// (`V1__users.sql`) and diesel (`2024-01-01-000000_users/up.sql`). What undoes migrations is left
/// out. They run in the order of the numbers they start with, then of their names.
pub fn read(folder: &Path) -> Result<Vec<Migration>, MigrateError> {
    let unreadable =
        |path: &Path, error: io::Error| MigrateError::Unreadable { path: path.to_owned(), error };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, error))? {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        let (file, name) = if path.is_dir() {
            (path.join("up.sql"), format!("{name}/up.sql"))
        } else {
            (path.clone(), name)
        };
        let undoes = name.ends_with(".down.sql") || name.ends_with("/down.sql");
        if !name.ends_with(".sql") || undoes || !file.is_file() {
            continue;
        }
        let bytes = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        let sql =
            decode(bytes).map_err(|reason| MigrateError::NoText { path: file.clone(), reason })?;
        let mode = match is_no_transaction(&path, &sql) {
            true => Mode::OneByOne,
            false => Mode::Together,
        };
        found.push(Migration { name, sql, mode });
    }
    if found.is_empty() {
        return Err(MigrateError::Empty { path: folder.to_owned() });
    }
    found.sort_by_cached_key(|migration| (number(&migration.name), migration.name.clone()));
    Ok(found)
}

/// The number a name starts with, refinery's `V` or `U` aside; dashes between digits belong to it, as
/// in diesel's dates.
fn number(name: &str) -> u128 {
    let name = name.strip_prefix(['V', 'U']).unwrap_or(name);
    let end = name.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(name.len());
    let digits: String = name[..end].chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u128::MAX)
}

/// sqlx marks such files by a first line, diesel by a file beside them.
fn is_no_transaction(path: &Path, sql: &str) -> bool {
    let first = sql.lines().next().unwrap_or_default();
    let marked = first.trim_start().starts_with("--") && first.contains("no-transaction");
    let metadata = fs::read_to_string(path.join("metadata.toml")).unwrap_or_default();
    let compact: String = metadata.split_whitespace().collect();
    marked || compact.contains("run_in_transaction=false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "SELECT 1;").unwrap();
        }
        read(folder.path()).unwrap().into_iter().map(|migration| migration.name).collect()
    }

    #[test]
    fn each_layout_is_read_in_its_order() {
        assert_eq!(names(&["10_b.sql", "9_a.sql", "notes.md"]), ["9_a.sql", "10_b.sql"]);
        assert_eq!(names(&["1_a.up.sql", "1_a.down.sql", "2_b.sql"]), ["1_a.up.sql", "2_b.sql"]);
        assert_eq!(names(&["V10__b.sql", "V2__a.sql"]), ["V2__a.sql", "V10__b.sql"]);
        assert_eq!(
            names(&[
                "2024-02-01-000000_b/up.sql",
                "2024-01-01-000000_a/up.sql",
                "2024-01-01-000000_a/down.sql"
            ]),
            ["2024-01-01-000000_a/up.sql", "2024-02-01-000000_b/up.sql"]
        );
    }

    #[test]
    fn an_empty_folder_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(MigrateError::Empty { .. })));
        assert!(matches!(read(&folder.path().join("no")), Err(MigrateError::Unreadable { .. })));
    }

    #[test]
    fn files_outside_a_transaction_are_marked() {
        assert!(is_no_transaction(Path::new("x"), "-- no-transaction\nSELECT 1"));
        assert!(!is_no_transaction(Path::new("x"), "SELECT 1"));
    }
}

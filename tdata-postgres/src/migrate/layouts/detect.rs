//! Finds out which tool a folder of migrations is laid out for.

use tdata_core::project::MigrationLayout;

use super::{refinery, sqlx};
use crate::migrate::folder::Folder;
use crate::migrate::surroundings::Surroundings;

/// Tells which tool a folder is laid out for, by its files and, where several fit, by what the project uses.
pub(in crate::migrate) fn detect(folder: &Folder, around: &Surroundings<'_>) -> MigrationLayout {
    if folder.folders().iter().any(|name| folder.get(&format!("{name}/up.sql")).is_some()) {
        return MigrationLayout::Diesel;
    }
    let file = |name: &str| name.rsplit('/').next().map(str::to_owned).unwrap_or_default();
    if folder.all().any(|name| refinery::split(&file(name)).is_some()) {
        return match around.has_int8_versions {
            true => MigrationLayout::RefineryInt8,
            false => MigrationLayout::Refinery,
        };
    }
    match is_sqlx(folder, around) {
        true => MigrationLayout::Sqlx,
        false => MigrationLayout::Plain,
    }
}

/// sqlx refuses a folder with a version that is no number. What has no version it leaves out; where nothing else says
/// that sqlx is used, such a file with a number tells that it is not.
fn is_sqlx(folder: &Folder, around: &Surroundings<'_>) -> bool {
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    let is_used = around.uses("sqlx");
    let mut versions = folder.top().filter_map(|name| Some(sqlx::split(name)?.0)).peekable();
    let has_stray = || {
        folder.top().any(|name| {
            name.ends_with(".sql")
                && !name.contains('_')
                && name.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    versions.peek().is_some()
        && versions.all(is_number)
        && is_used != Some(false)
        && (is_used == Some(true) || !has_stray())
}

#[cfg(test)]
mod tests {
    use super::super::all::tests::nowhere;
    use super::*;

    fn detected(names: &[&str], lock: Option<&str>) -> &'static str {
        let files: Vec<(&str, &str)> = names.iter().map(|name| (*name, "")).collect();
        let lock = lock.map(|name| format!("[[package]]\nname = \"{name}\"\n"));
        detect(&Folder::of(&files), &Surroundings { lock, ..nowhere() }).word()
    }

    #[test]
    fn names_tell_the_tool() {
        for (names, layout) in [
            (&["20240101_a.sql", "20240102_b.up.sql", "notes.sql"][..], "sqlx"),
            (&["0001_a.sql"], "sqlx"),
            (&["1.sql", "2_b.sql"], "plain"),
            (&["a.sql", "1_b.sql", "base_c.sql"], "plain"),
            (&["schema.sql"], "plain"),
            (&["2024-01-01-000000_a/up.sql", "README.md"], "diesel"),
            (&["V1__a.sql", "README.md"], "refinery"),
            (&["billing/V1__a.sql"], "refinery"),
        ] {
            assert_eq!(detected(names, None), layout, "{names:?}");
        }
    }

    #[test]
    fn what_the_project_uses_tells_where_several_fit() {
        assert_eq!(detected(&["0001_a.sql"], Some("sqlx")), "sqlx");
        assert_eq!(detected(&["0001_a.sql", "1.sql"], Some("sqlx")), "sqlx");
        assert_eq!(detected(&["0001_a.sql"], Some("postgres")), "plain");
    }
}

//! Finds out which tool a folder of migrations is laid out for.

use tdata_core::project::MigrationLayout;

use super::{dbmate, flyway, goose, refinery, sea_orm, sqlx};
use crate::migrate::folder::Folder;
use crate::migrate::surroundings::Surroundings;

/// Tells which tool a folder is laid out for, by its files and, where several fit, by what the project uses.
pub(in crate::migrate) fn detect(folder: &Folder, around: &Surroundings<'_>) -> MigrationLayout {
    let marked = |is_mark: fn(&str) -> bool| {
        let mut texts = folder.top().filter_map(|name| folder.get(name));
        texts.any(|bytes| String::from_utf8_lossy(bytes).lines().any(is_mark))
    };
    if folder.get("atlas.sum").is_some() {
        return MigrationLayout::Atlas;
    }
    if marked(|line| goose::mark(line).is_some_and(|word| word.eq_ignore_ascii_case("up"))) {
        return MigrationLayout::Goose;
    }
    if marked(|line| dbmate::mark(line).is_some_and(|(is_up, _)| is_up)) {
        return MigrationLayout::Dbmate;
    }
    let is_of_sea_orm = |name: &str| {
        let path = name.strip_prefix("src/").unwrap_or(name);
        sea_orm::is_version(path.split(['/', '.']).next().unwrap_or_default())
    };
    if folder.all().any(is_of_sea_orm) {
        return MigrationLayout::SeaOrm;
    }
    if folder.folders().iter().any(|name| folder.get(&format!("{name}/up.sql")).is_some()) {
        return MigrationLayout::Diesel;
    }
    let files = || folder.all().map(|name| name.rsplit('/').next().unwrap_or(name));
    let is_of_flyway = |file: &str| {
        let stem = file.strip_suffix(".sql").unwrap_or_default();
        stem.contains("__") && flyway::kind(stem).is_some()
    };
    let is_refinery = files().any(|file| refinery::split(file).is_some());
    if is_refinery || files().any(is_of_flyway) {
        // What only flyway reads tells it, and so does a project without refinery.
        let has_own = files().any(|file| is_of_flyway(file) && refinery::split(file).is_none());
        let is_flyway =
            has_own || around.has_flyway_settings || around.uses("refinery") == Some(false);
        return match (is_flyway && around.uses("refinery") != Some(true), around.has_int8_versions)
        {
            (true, _) => MigrationLayout::Flyway,
            (false, true) => MigrationLayout::RefineryInt8,
            (false, false) => MigrationLayout::Refinery,
        };
    }
    let has_up = folder.top().any(|name| name.ends_with(".up.sql"));
    let uses_sqlx = around.uses("sqlx");
    if has_up && (uses_sqlx == Some(false) || uses_sqlx.is_none() && around.is_go) {
        return MigrationLayout::GolangMigrate;
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
            (&["V1__a.sql", "R__b.sql"], "flyway"),
            (&["V1__a.sql", "V1_1__b.sql"], "flyway"),
            (&["1_a.sql", "atlas.sum"], "atlas"),
            (&["src/m20240101_000000_a.rs", "src/lib.rs"], "sea-orm"),
            (&["m20240101_000000_a/up.sql"], "sea-orm"),
        ] {
            assert_eq!(detected(names, None), layout, "{names:?}");
        }
    }

    #[test]
    fn what_the_project_uses_tells_where_several_fit() {
        assert_eq!(detected(&["0001_a.sql"], Some("sqlx")), "sqlx");
        assert_eq!(detected(&["0001_a.sql", "1.sql"], Some("sqlx")), "sqlx");
        assert_eq!(detected(&["0001_a.sql"], Some("postgres")), "plain");
        assert_eq!(detected(&["V1__a.sql"], Some("postgres")), "flyway");
        assert_eq!(detected(&["V1__a.sql", "V1_1__b.sql"], Some("refinery")), "refinery");
        assert_eq!(detected(&["1_a.up.sql"], None), "sqlx");
        assert_eq!(detected(&["1_a.up.sql"], Some("sqlx")), "sqlx");
        assert_eq!(detected(&["1_a.up.sql"], Some("diesel")), "golang-migrate");
        let go = Surroundings { is_go: true, ..nowhere() };
        assert_eq!(detect(&Folder::of(&[("1_a.up.sql", "")]), &go), MigrationLayout::GolangMigrate);
    }

    #[test]
    fn marks_in_files_tell_the_tool() {
        for (text, layout) in [
            ("-- +goose Up\nSELECT 1;", "goose"),
            ("-- so\n-- migrate:up transaction:false", "dbmate"),
            ("SELECT '+goose Up'", "sqlx"),
        ] {
            assert_eq!(detect(&Folder::of(&[("1_a.sql", text)]), &nowhere()).word(), layout);
        }
    }
}

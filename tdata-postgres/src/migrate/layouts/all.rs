//! All layouts.

use tdata_core::project::MigrationLayout;

use super::layout::Layout;
use super::{atlas, dbmate, diesel, flyway, golang_migrate, goose, plain, refinery, sea_orm, sqlx};

/// All layouts.
const LAYOUTS: &[Layout] = &[
    plain::PLAIN,
    sqlx::SQLX,
    diesel::DIESEL,
    refinery::REFINERY,
    refinery::REFINERY_INT8,
    dbmate::DBMATE,
    goose::GOOSE,
    golang_migrate::GOLANG_MIGRATE,
    flyway::FLYWAY,
    atlas::ATLAS,
    sea_orm::SEA_ORM,
];

/// Returns a tool's layout.
pub(in crate::migrate) fn of(word: MigrationLayout) -> &'static Layout {
    LAYOUTS.iter().find(|layout| layout.word == word).unwrap_or(&LAYOUTS[0])
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::migrate::folder::Folder;
    use crate::migrate::found::Found;
    use crate::migrate::sqlx_settings::SqlxSettings;
    use crate::migrate::surroundings::Surroundings;

    static NONE: BTreeMap<String, String> = BTreeMap::new();

    /// A place that tells nothing.
    pub(in super::super) fn nowhere() -> Surroundings<'static> {
        Surroundings {
            lock: None,
            has_int8_versions: false,
            is_go: false,
            has_flyway_settings: false,
            sqlx: SqlxSettings::default(),
            sqlx_mistake: None,
            placeholders: &NONE,
            environment: &|_| None,
        }
    }

    /// Reads files with their texts.
    pub(in super::super) fn found(layout: &Layout, files: &[(&str, &str)]) -> (Found, Vec<String>) {
        let (folder, mut found) = (Folder::of(files), Found::default());
        (layout.find)(&folder, &nowhere(), &mut found);
        let (_, left_out) = found.end_folder(&folder);
        (layout.order)(&mut found);
        (found, left_out)
    }

    fn empty<'a>(names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
        names.iter().map(|name| (*name, "")).collect()
    }

    /// Returns each migration with its version and description, and what is left out.
    pub(in super::super) fn read(layout: &Layout, names: &[&str]) -> (Vec<String>, Vec<String>) {
        let (found, left_out) = found(layout, &empty(names));
        assert!(found.mistakes.is_empty(), "{:?}", found.mistakes);
        let line = |migration: &crate::migrate::migration::Migration| {
            let identity = &migration.identity;
            format!("{} {} {}", migration.name, identity.version, identity.description)
        };
        (found.list.iter().map(line).collect(), left_out)
    }

    /// Returns the mistakes.
    pub(in super::super) fn mistakes(layout: &Layout, names: &[&str]) -> Vec<String> {
        let (mut found, _) = found(layout, &empty(names));
        found.mistakes.sort();
        found
            .mistakes
            .iter()
            .map(|(_, mistake)| format!("{}: {}", mistake.file, mistake.text))
            .collect()
    }

    #[test]
    fn every_word_is_a_layout() {
        for word in MigrationLayout::WORDS {
            assert_eq!(of(word.parse().unwrap()).word.word(), *word);
        }
    }
}

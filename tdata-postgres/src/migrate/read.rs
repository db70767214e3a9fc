//! Reads a project's migrations.

use std::path::Path;

use tdata_core::project::{MigrationFolder, Project, TimeSpan};

use super::error::MigrateError;
use super::folder::Folder;
use super::found::Found;
use super::layouts::{self, Layout};
use super::marks;
use super::migration::{Migration, Migrations, ReadFolder};
use super::mistake::Mistake;
use super::surroundings::Surroundings;

/// Reads the migrations of a project, in the order in which they run. `environment` tells variables of the
/// environment, which some tools put into migrations.
///
/// # Errors
///
/// When a folder cannot be read or holds no migrations, and all that is wrong with its files.
pub fn read(
    project: &Project,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Migrations, MigrateError> {
    let settings = project.settings();
    let limit = settings.migration_timeout.map_or(Migrations::LIMIT, TimeSpan::duration);
    let mut reading = Reading { has_several: settings.migrations.len() > 1, ..Reading::default() };
    for folder in &settings.migrations {
        let path = project.root().join(&folder.folder);
        let around = Surroundings::of(&path, &settings.migration_placeholders, environment);
        reading.read(&path, folder, &around)?;
    }
    reading.end_layout();
    match reading.mistakes.is_empty() {
        true => {
            let placeholders = settings.migration_placeholders.clone();
            Ok(Migrations { list: reading.list, folders: reading.folders, placeholders, limit })
        }
        false => Err(MigrateError::Mistakes { list: reading.mistakes }),
    }
}

/// Folders that are read.
#[derive(Default)]
struct Reading {
    list: Vec<Migration>,
    folders: Vec<ReadFolder>,
    mistakes: Vec<Mistake>,
    has_several: bool,
    /// What is found of the layout that is read.
    found: Option<(&'static Layout, Found)>,
}

impl Reading {
    fn read(
        &mut self,
        path: &Path,
        said: &MigrationFolder,
        around: &Surroundings<'_>,
    ) -> Result<(), MigrateError> {
        let folder = Folder::read(path)?;
        let word = said.layout.unwrap_or_else(|| layouts::detect(&folder, around));
        let layout = layouts::of(word);
        let goes_on = |(last, _): &(&Layout, Found)| last.word == word && layout.is_merged;
        if !self.found.as_ref().is_some_and(goes_on) {
            self.end_layout();
        }
        let (_, found) = self.found.get_or_insert_with(|| (layout, Found::default()));
        found.folder = self.folders.len();
        let before = (found.list.len(), found.mistakes.len());
        (layout.find)(&folder, around, found);
        if before == (found.list.len(), found.mistakes.len()) {
            return Err(MigrateError::Empty { path: path.to_owned(), layout: word });
        }
        let (files, left_out) = found.end_folder(&folder);
        self.folders.push(ReadFolder {
            path: said.folder.clone(),
            layout: word,
            is_named: said.layout.is_some(),
            table: said.table.clone(),
            files,
            left_out,
        });
        Ok(())
    }

    fn end_layout(&mut self) {
        let Some((layout, mut found)) = self.found.take() else { return };
        (layout.order)(&mut found);
        marks::check(&mut found);
        for mut migration in found.list {
            if self.has_several {
                migration.name =
                    format!("{}/{}", self.folders[migration.folder].path, migration.name);
            }
            self.list.push(migration);
        }
        for (folder, mistake) in found.mistakes {
            let file = format!("{}/{}", self.folders[folder].path, mistake.file);
            self.mistakes.push(Mistake { file, ..mistake });
        }
    }
}

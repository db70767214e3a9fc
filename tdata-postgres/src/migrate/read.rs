//! Reads a project's migrations.

use std::path::Path;

use tdata_core::project::{MigrationFolder, Project, TimeSpan};

use super::error::MigrateError;
use super::folder::Folder;
use super::found::Found;
use super::included::Included;
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
            let Reading { list, mut folders, .. } = reading;
            let placeholders = settings.migration_placeholders.clone();
            let texts = list.iter().map(|one| (one.folder, &*one.identity.file, &*one.sql));
            let paths = folders.iter().map(|folder| folder.path.as_str());
            let included = Included::read(project.root(), paths, texts);
            for (index, folder) in folders.iter_mut().enumerate() {
                folder.left_out.retain(|file| !included.holds(&included.path(index, file)));
            }
            Ok(Migrations { list, included, folders, placeholders, limit })
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
            let holds_sql = |name: &&str| {
                folder.all().any(|file| {
                    let below = file.strip_prefix(*name).and_then(|rest| rest.strip_prefix('/'));
                    below.is_some_and(|below| below.ends_with(".sql"))
                })
            };
            let below = folder.folders().into_iter().filter(holds_sql).map(str::to_owned).collect();
            return Err(MigrateError::Empty { path: path.to_owned(), layout: word, below });
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

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// A project with files below its folder.
    fn project(files: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn read_at(project: &TempDir) -> Result<Migrations, MigrateError> {
        read(&Project::at(project.path()).unwrap(), &|_| None)
    }

    #[test]
    fn folders_without_migrations_are_told() {
        let settings = ("tdata.toml", "migrations = \"db\"");
        assert!(read_at(&project(&[])).unwrap().list.is_empty());
        let missing = read_at(&project(&[settings])).unwrap_err();
        assert!(matches!(missing, MigrateError::Unreadable { .. }), "{missing}");
        for other in ["db/README.md", "db/.hidden.sql", "db/.git/1_a.sql"] {
            let empty = read_at(&project(&[settings, (other, "")])).unwrap_err();
            assert!(matches!(empty, MigrateError::Empty { .. }), "{other}: {empty}");
        }
        let below = ["db/mysql/1_a/up.sql", "db/postgres/1_a/up.sql", "db/old/README.md"];
        let files = below.map(|file| (file, ""));
        let below = read_at(&project(&[&files[..], &[settings]].concat())).unwrap_err().to_string();
        assert!(below.contains("Its folders hold some: mysql, postgres. Name one"), "{below}");
    }

    #[test]
    fn the_digest_is_of_all_that_decides_what_is_made() {
        let digest = |settings: &str, files: &[(&str, &str)]| {
            let settings = format!("migrations = \"db\"\n{settings}");
            let all: Vec<_> = files.iter().copied().chain([("tdata.toml", &*settings)]).collect();
            read_at(&project(&all)).unwrap().digest()
        };
        let flyway = "migrations_layout = \"flyway\"";
        let file = ("db/V1__a.sql", "SELECT 1 -- ${a}\n");
        let one = digest("", &[file]);
        assert_eq!(
            one,
            digest("migrations_layout = \"refinery\"", &[file, ("db/README.md", "so")])
        );
        let put_in = |value: &str| {
            let settings = format!("{flyway}\nmigration_placeholders = {{ a = \"{value}\" }}");
            digest(&settings, &[file])
        };
        let others = [
            digest("migrations_table = \"other\"", &[file]),
            digest("", &[("db/V2__a.sql", file.1)]),
            digest("", &[(file.0, "SELECT 1 -- ${a}\r\n")]),
            digest("", &[(file.0, "\u{feff}SELECT 1 -- ${a}\n")]),
            digest("migrations_layout = \"refinery-int8\"", &[file]),
            digest("migrations_layout = \"plain\"", &[file]),
            put_in("x"),
            put_in("y"),
            digest("", &[(file.0, "\\i a.sql\n"), ("a.sql", "SELECT 1")]),
            digest("", &[(file.0, "\\i a.sql\n"), ("a.sql", "SELECT 2")]),
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(*other != one && !others[..index].contains(other), "{index}");
        }
    }

    #[test]
    fn folders_of_tools_that_merge_them_are_ordered_together() {
        let names = |layout: &str, files: [&str; 3]| {
            let settings = format!("migrations = [\"b\", \"a\"]\nmigrations_layout = {layout:?}");
            let [one, two, three] = files.map(|file| (file, "-- migrate:up\n"));
            let read = read_at(&project(&[("tdata.toml", &settings), one, two, three])).unwrap();
            read.list.into_iter().map(|one| one.name).collect::<Vec<_>>()
        };
        let files = ["b/1_x.sql", "a/2_y.sql", "b/3_z.sql"];
        assert_eq!(names("dbmate", files), files);
        assert_eq!(names("sqlx", files), ["b/1_x.sql", "b/3_z.sql", "a/2_y.sql"]);
    }
}

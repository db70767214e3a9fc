//! Reads a project's migrations.

use std::fs;
use std::path::{Path, PathBuf};

use tdata_core::diagnostic::Located;
use tdata_core::project::{Command, MigrationFolder, MigrationLayout, Script, Settings, TimeSpan};

use super::error::MigrateError;
use super::folder::Folder;
use super::found::Found;
use super::included::Included;
use super::inputs;
use super::layouts::{self, Layout};
use super::marks;
use super::migration::{Migration, Migrations, ReadFolder};
use super::mistake::Mistake;
use super::no_folder::no_folder;
use super::surroundings::Surroundings;
use super::turn::{Part, Program, Turn, Work};

/// What is asked of a project's migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The folder that scripts and folders of migrations are named from.
    pub root: PathBuf,
    /// The folder that programs run in, and that the files which decide what they do are named from. A copy of a
    /// project's files is no place for its programs.
    pub home: PathBuf,
    /// What is to run.
    pub settings: Settings,
    /// What tells a function apart that migrates, where one does in place of what settings say.
    pub function: Option<String>,
}

/// Reads the migrations of a project, in the order in which they run. `environment` tells variables of the
/// environment, which some tools put into migrations.
///
/// # Errors
///
/// When a folder cannot be read or holds no migrations, and all that is wrong with its files.
pub fn read(
    asked: &Asked,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Migrations, MigrateError> {
    let Asked { root, home, settings, function } = asked;
    let limit = settings.migration_timeout.map_or(Migrations::LIMIT, TimeSpan::duration);
    let mut reading = Reading { has_several: settings.migrations.len() > 1, ..Reading::default() };
    reading.scripts(root, Part::Before, &settings.before_migrations);
    for folder in &settings.migrations {
        let path = root.join(&*folder.folder);
        if !path.exists() {
            return Err(no_folder(root, &folder.folder));
        }
        let around = Surroundings::of(&path, &settings.migration_placeholders, environment);
        reading.read(&path, folder, &around)?;
    }
    reading.end_layout();
    match (function, &settings.migrate_command) {
        (Some(version), _) => {
            reading.program(Part::Migrations, Program::Function(version.clone()));
        }
        (None, Some(command)) => reading.command(Part::Migrations, command),
        (None, None) => {}
    }
    reading.scripts(root, Part::After, &settings.after_migrations);
    let inputs = reading.inputs(home, settings.migrate_inputs.as_deref());
    match reading.mistakes.is_empty() {
        true => {
            let Reading { list, turns, mut folders, .. } = reading;
            let placeholders = settings.migration_placeholders.clone();
            let texts = list.iter().map(|one| (one.folder, &*one.identity.file, &*one.sql));
            let paths = folders.iter().map(|folder| folder.path.as_str());
            let included = Included::read(root, paths, texts);
            for (index, folder) in folders.iter_mut().enumerate() {
                folder.left_out.retain(|file| !included.holds(&included.path(index, file)));
            }
            let is_program = |turn: &Turn| matches!(turn.work, Work::Program(_));
            let home_of_programs = match turns.iter().any(is_program) {
                true => home.to_string_lossy().into_owned(),
                false => String::new(),
            };
            let said = settings.migrate_inputs.as_ref();
            let said_inputs =
                said.map(|said| said.iter().map(|input| input.value.clone()).collect());
            Ok(Migrations {
                list,
                turns,
                inputs,
                home: home_of_programs,
                said_inputs,
                included,
                folders,
                placeholders,
                limit,
            })
        }
        false => Err(MigrateError::Mistakes { list: reading.mistakes }),
    }
}

/// Folders that are read.
#[derive(Default)]
struct Reading {
    list: Vec<Migration>,
    turns: Vec<Turn>,
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
        let of_sqlx = (word == MigrationLayout::Sqlx).then_some(&around.sqlx);
        if of_sqlx.is_some() {
            self.mistakes.extend(around.sqlx_mistake.clone());
        }
        self.folders.push(ReadFolder {
            path: said.folder.value.clone(),
            part: Part::Migrations,
            layout: word,
            is_named: said.layout.is_some(),
            table: said.table.clone().or_else(|| of_sqlx?.table.clone()),
            schemas: of_sqlx.map(|sqlx| sqlx.schemas.clone()).unwrap_or_default(),
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
            self.take_turn(Part::Migrations);
        }
        for (folder, mistake) in found.mistakes {
            let file = format!("{}/{}", self.folders[folder].path, mistake.file);
            self.mistakes.push(Mistake { file, ..mistake });
        }
    }
}

/// What runs beside folders of migrations.
impl Reading {
    /// Gives the last migration of the list its turn: with those before it, if they are the same to the migrations.
    fn take_turn(&mut self, part: Part) {
        let end = self.list.len();
        match self.turns.last_mut() {
            Some(Turn { part: last, work: Work::Scripts(range) }) if *last == part => {
                range.end = end;
            }
            _ => self.turns.push(Turn { part, work: Work::Scripts(end - 1..end) }),
        }
    }

    fn scripts(&mut self, root: &Path, part: Part, scripts: &[Script]) {
        for script in scripts {
            match script {
                Script::File(file) => self.file(root, part, file),
                Script::Command(command) => self.command(part, command),
                _ => {}
            }
        }
    }

    /// Reads a script as a folder of plain files that holds this one only.
    fn file(&mut self, root: &Path, part: Part, said: &Located<String>) {
        let path = root.join(&said.value);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let reason = match path.is_dir() {
                    true => "which is a folder; name the files in it".to_owned(),
                    false => format!("which cannot be read: {error}"),
                };
                let text = format!("`{}` names {:?}, {reason}", part.key(), said.value);
                self.mistakes.push(Mistake::at(&said.origin, text));
                return;
            }
        };
        if bytes.starts_with(b"#!") {
            let text = format!(
                "`{}` names {:?}, which is a program and no SQL; write {{ command = {:?} }}",
                part.key(),
                said.value,
                format!("./{}", said.value)
            );
            self.mistakes.push(Mistake::at(&said.origin, text));
            return;
        }
        let (folder, name) = match said.rsplit_once('/') {
            Some(("", name)) => ("/", name),
            Some((folder, name)) => (folder, name),
            None => ("", said.as_str()),
        };
        let mut found = Found::default();
        found.folder = self.folders.len();
        let whole = Folder::of_file(name, bytes);
        layouts::take_plain(&whole, name, &mut found);
        let (files, left_out) = found.end_folder(&whole);
        self.folders.push(ReadFolder {
            path: folder.to_owned(),
            part,
            layout: MigrationLayout::Plain,
            is_named: true,
            schemas: Vec::new(),
            table: None,
            files,
            left_out,
        });
        for mut migration in found.list {
            migration.name.clone_from(&said.value);
            self.list.push(migration);
            self.take_turn(part);
        }
        let mistakes = found.mistakes.into_iter();
        self.mistakes.extend(mistakes.map(|(_, one)| Mistake { file: said.value.clone(), ..one }));
    }

    fn command(&mut self, part: Part, command: &Located<Command>) {
        if command.value.is_empty() {
            let text =
                "names no command: write one, such as \"cargo run --bin migrate\"".to_owned();
            self.mistakes.push(Mistake::at(&command.origin, text));
            return;
        }
        self.program(part, Program::Command(command.clone()));
    }

    fn program(&mut self, part: Part, program: Program) {
        self.turns.push(Turn { part, work: Work::Program(program) });
    }

    /// Returns what stands for the files that commands are made from. Of a function its version tells; of a command only
    /// they do.
    fn inputs(&mut self, home: &Path, said: Option<&[Located<String>]>) -> String {
        let mut programs = self.turns.iter().filter_map(|turn| match &turn.work {
            Work::Program(program) => Some(program),
            Work::Scripts(_) => None,
        });
        let has_program = programs.clone().next().is_some();
        let command = programs.find_map(|program| match program {
            Program::Command(command) => Some(command),
            Program::Function(_) => None,
        });
        if let (Some(command), None) = (command, said) {
            let text = format!(
                "runs `{}`, and nothing says when that does something else: name the files that decide what it does, \
                 migrate_inputs = [\"migration/src\"] in tdata.toml, or [] if none do",
                command.value
            );
            self.mistakes.push(Mistake::at(&command.origin, text));
        }
        let digest = inputs::digest(home, said.unwrap_or_default(), &mut self.mistakes);
        if has_program { digest } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tdata_core::project::Project;
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

    fn asked(project: &TempDir) -> Asked {
        let settings = Project::at(project.path()).unwrap().settings().clone();
        let root = project.path().to_owned();
        Asked { home: root.clone(), root, settings, function: None }
    }

    fn read_at(project: &TempDir) -> Result<Migrations, MigrateError> {
        read(&asked(project), &|_| None)
    }

    #[test]
    fn folders_without_migrations_are_told() {
        let settings = ("tdata.toml", "migrations = \"db\"");
        assert!(read_at(&project(&[])).unwrap().list.is_empty());
        let missing = read_at(&project(&[settings])).unwrap_err();
        assert!(matches!(missing, MigrateError::Setting(_)), "{missing}");
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
    fn what_runs_beside_migrations_takes_its_turn() {
        let settings = "before_migrations = [\"db/roles.sql\", \"x.sql\", { command = \"a\" }]\n\
                        migrations = \"db/m\"\n\
                        after_migrations = [[\"no\"], \"./db/rows.sql\"]\nmigrate_inputs = []";
        let settings = settings.replace("[\"no\"], ", "");
        let project = project(&[
            ("tdata.toml", &settings),
            ("db/roles.sql", "-- no-transaction\nSELECT 1;"),
            ("x.sql", "\\ir db/included.sql"),
            ("db/included.sql", ""),
            ("db/m/1_a.sql", ""),
            ("db/m/2_b.sql", ""),
            ("db/rows.sql", ""),
        ]);
        let read = read_at(&project).unwrap();
        let names: Vec<&str> = read.list.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["db/roles.sql", "x.sql", "1_a.sql", "2_b.sql", "./db/rows.sql"]);
        assert_eq!(read.list[0].mode, crate::migrate::Mode::OneByOne);
        let turns: Vec<String> = (read.turns.iter())
            .map(|Turn { part, work }| match work {
                Work::Scripts(range) => format!("{} {range:?}", part.key()),
                Work::Program(program) => format!("{} {}", part.key(), program.digested()),
            })
            .collect();
        let expected = [
            "before_migrations 0..2",
            "before_migrations Line(\"a\")",
            "migrations 2..4",
            "after_migrations 4..5",
        ];
        assert_eq!(turns, expected);
        let included: Vec<&str> = read.included.files().map(|(path, _)| path).collect();
        assert_eq!(included, ["db/included.sql"]);
    }

    #[test]
    fn all_that_is_wrong_with_scripts_and_programs_is_told_with_its_place() {
        let told = |settings: &str| {
            let project = project(&[
                ("tdata.toml", settings),
                ("db/utf16.sql", "\u{0}"),
                ("db/seed.sh", "#!/bin/sh\n"),
            ]);
            let utf16 = project.path().join("db/utf16.sql");
            fs::write(utf16, b"\xFF\xFES\0").unwrap();
            read_at(&project).unwrap_err().to_string()
        };
        let error = told(
            "before_migrations = [\n\"gone.sql\",\n\"db\", \"db/seed.sh\"]\nmigrate_inputs = [\n\"db\",\n\"gone\"]\n\
             after_migrations = \"db/utf16.sql\"\nmigrate_command = \"x\"",
        );
        for part in [
            "tdata.toml:2 `before_migrations` names \"gone.sql\", which cannot be read",
            "tdata.toml:3 `before_migrations` names \"db\", which is a folder",
            "\"db/seed.sh\", which is a program and no SQL; write { command = \"./db/seed.sh\" }",
            "tdata.toml:6 `migrate_inputs` names \"gone\", and no such file",
            "db/utf16.sql is UTF-16",
        ] {
            assert!(error.contains(part), "{part:?} is missing in:\n{error}");
        }
        for settings in ["\nmigrate_command = \"x\"", "\nafter_migrations = [{ command = \"x\" }]"]
        {
            let error = told(settings);
            assert!(error.contains("tdata.toml:2 runs `x`"), "{error}");
            assert!(error.contains("migrate_inputs = ["), "{error}");
        }
    }

    #[test]
    fn a_command_that_is_empty_is_told() {
        let project = project(&[]);
        let empty: [Command; 5] =
            ["".into(), " \n".into(), Vec::new().into(), [""].into(), [" ", "x"].into()];
        for command in empty {
            let mut asked = asked(&project);
            let origin = tdata_core::diagnostic::Origin::named("Config::migrate_command");
            asked.settings.migrate_command = Some(Located::new(command, origin));
            asked.settings.migrate_inputs = Some(Vec::new());
            let told = read(&asked, &|_| None).unwrap_err().to_string();
            assert!(told.contains("Config::migrate_command names no command"), "{told}");
        }
    }

    #[test]
    fn the_digest_is_of_programs_and_what_they_are_made_from() {
        let digest = |settings: &str, function: Option<&str>, text: &str| {
            let project = project(&[("tdata.toml", settings), ("m/a.rs", text), ("a.sql", "A")]);
            let function = function.map(str::to_owned);
            // Each is in a folder of its own, which is part of it.
            let read = read(&Asked { function, ..asked(&project) }, &|_| None).unwrap();
            Migrations { home: String::new(), ..read }.digest()
        };
        let command = "migrate_inputs = [\"m\"]\nmigrate_command = ";
        let one = digest(&format!("{command}\"x\""), None, "1");
        assert_eq!(one, digest(&format!("\n{command}'x'"), None, "1"));
        let others = [
            String::new(),
            digest(&format!("{command}\"y\""), None, "1"),
            digest(&format!("{command}[\"x\"]"), None, "1"),
            digest(&format!("{command}\"x\""), None, "2"),
            digest(&format!("{command}\"x\""), Some("x"), "1"),
            digest("", Some("x"), "1"),
            digest("", Some("y"), "1"),
            digest("before_migrations = \"a.sql\"", None, ""),
            digest("after_migrations = \"a.sql\"", None, ""),
            digest("migrate_inputs = []\nafter_migrations = { command = \"x\" }", None, ""),
        ];
        for (index, other) in others.iter().enumerate() {
            assert!(*other != one && !others[..index].contains(other), "{index}");
        }
        assert_eq!(digest("migrate_inputs = [\"m\"]", None, "1"), "");
        let settings = [("tdata.toml", "migrate_inputs = []\nmigrate_command = \"x\"")];
        let two = [project(&settings), project(&settings)].map(|one| read_at(&one).unwrap());
        assert_ne!(two[0].digest(), two[1].digest());
        assert_eq!(two[0].program(), two[1].program());
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

//! The files of definitions and migrations, read once per engine, and again when they change.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use tdata_core::definition::Files;
use tdata_core::diagnostic::Diagnostic;
use tdata_core::project::{Project, Script};
use tdata_factory::environment::any_variable;
use tdata_postgres::migrate::{self, Asked, MigrateError, Migrations};

/// What tells whether a folder's files are still those that were read: names, times and sizes.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// Definitions, with the stamp of their files.
type ReadDefinitions = (Stamp, Arc<Files>);

/// The files that were read, with their stamp, by their folder; definitions also by whether something makes tables
/// beside them.
#[derive(Debug, Default)]
pub(crate) struct ReadFiles {
    definitions: Mutex<HashMap<(PathBuf, bool), ReadDefinitions>>,
    migrations: Mutex<HashMap<PathBuf, (Stamp, Asked, ReadMigrations)>>,
}

/// Migrations, and what stands for them in fingerprints.
#[derive(Clone, Debug)]
pub(crate) struct ReadMigrations {
    pub(crate) migrations: Arc<Migrations>,
    pub(crate) digest: Arc<str>,
    /// Whether they may do something to the server as a whole.
    pub(crate) touch_server: bool,
}

impl ReadFiles {
    /// Returns the files of a project's definitions. `migrates` says whether something makes tables beside them.
    pub(crate) fn of(&self, project: &Project, migrates: bool) -> Result<Arc<Files>, Diagnostic> {
        let key = (project.definitions_folder(), migrates);
        let mut stamp = Stamp::new();
        stamp_into(&mut stamp, &key.0, 0);
        let mut all = self.definitions.lock();
        if let Some((read, files)) = all.get(&key)
            && *read == stamp
        {
            return Ok(Arc::clone(files));
        }
        let files = Arc::new(project.files()?.beside_migrations(migrates));
        all.insert(key, (stamp, Arc::clone(&files)));
        Ok(files)
    }

    /// Returns a project's migrations, and whether they were read just now.
    pub(crate) fn migrations(&self, asked: &Asked) -> Result<(ReadMigrations, bool), MigrateError> {
        let mut all = self.migrations.lock();
        let mut included = Vec::new();
        if let Some((stamp, under, read)) = all.get(&asked.root) {
            included = looked_at(&read.migrations);
            if (stamp, under) == (&migrations_stamp(asked, &included), asked) {
                return Ok((read.clone(), false));
            }
        }
        // The stamp is older than what is read. Which files are included is known only when they are read.
        let (stamp, migrations) = loop {
            let stamp = migrations_stamp(asked, &included);
            let migrations = migrate::read(asked, &any_variable)?;
            let now = looked_at(&migrations);
            if now == included {
                break (stamp, Arc::new(migrations));
            }
            included = now;
        };
        let digest = migrations.digest().into();
        let touch_server = migrate::touch_server(&migrations);
        let read = ReadMigrations { migrations, digest, touch_server };
        all.insert(asked.root.clone(), (stamp, asked.clone(), read.clone()));
        Ok((read, true))
    }
}

/// Returns the paths where files were looked for that migrations include.
fn looked_at(migrations: &Migrations) -> Vec<String> {
    migrations.included.looked_at().map(str::to_owned).collect()
}

/// Returns the stamp of a project's migrations and scripts, of files that they include, and of those that programs are
/// made from.
fn migrations_stamp(asked: &Asked, included: &[String]) -> Stamp {
    /// How many folders deep files are looked at.
    const DEPTH: u8 = 16;
    let mut stamp = Stamp::new();
    let Asked { root, home, settings, function: _ } = asked;
    let mut around = Vec::new();
    for folder in &settings.migrations {
        let folder = root.join(&*folder.folder);
        stamp_into(&mut stamp, &folder, DEPTH);
        around.extend(migrate::surrounding_files(&folder));
    }
    let scripts = settings.before_migrations.iter().chain(&settings.after_migrations);
    let scripts = scripts.filter_map(|script| match script {
        Script::File(file) => Some(root.join(&file.value)),
        _ => None,
    });
    let inputs = migrate::input_files(home, settings.migrate_inputs.as_deref().unwrap_or_default());
    let included = included.iter().map(|path| root.join(path));
    for path in scripts.chain(included).chain(inputs.into_values()).chain(around) {
        let metadata = fs::metadata(&path).ok();
        let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        stamp.push((path, time, metadata.map_or(0, |metadata| metadata.len())));
    }
    stamp
}

/// Adds a folder's files, and those of as many folders below each other.
fn stamp_into(stamp: &mut Stamp, folder: &Path, depth: u8) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let from = stamp.len();
    for entry in entries.flatten() {
        // As files are read: through links.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        stamp.push((entry.path(), metadata.modified().ok(), metadata.len()));
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        if depth > 0 && metadata.is_dir() && !is_link {
            stamp_into(stamp, &entry.path(), depth - 1);
        }
    }
    stamp[from..].sort();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_read_again_when_files_change_that_they_include() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("db")).unwrap();
        write(
            "tdata.toml",
            "migrations = \"db\"\nbefore_migrations = [\"before.sql\", { command = \"x\" }]\n\
             migrate_inputs = [\"*.rs\"]",
        );
        write("before.sql", "SELECT 1;");
        write("x.rs", "1");
        write("db/1.sql", "\\i later.sql\n\\i a.sql\n");
        write("a.sql", "\\i b.sql\n");
        write("b.sql", "SELECT 1;");
        let root = folder.path().to_owned();
        let settings = Project::at(&root).unwrap().settings().clone();
        let asked = Asked { home: root.clone(), root, settings, function: None };
        let files = ReadFiles::default();
        let mut digests = Vec::new();
        let mut reads = |is_expected: bool| {
            let (read, is_new) = files.migrations(&asked).unwrap();
            assert_eq!(is_new, is_expected);
            if is_new {
                assert!(!digests.contains(&read.digest));
                digests.push(read.digest);
            }
        };
        reads(true);
        reads(false);
        write("b.sql", "SELECT 22;");
        reads(true);
        write("later.sql", "SELECT 3;");
        reads(true);
        write("before.sql", "SELECT 22;");
        reads(true);
        write("x.rs", "22");
        reads(true);
        write("y.rs", "");
        reads(true);
        // Files around the migrations say how they are read.
        write("db/2_a.sql", "SELECT 4;");
        reads(true);
        reads(false);
        write("db/sqlx.toml", "[migrate]\ntable-name = \"done\"");
        assert!(files.migrations(&asked).unwrap().1);
        assert!(!files.migrations(&asked).unwrap().1);
    }
}

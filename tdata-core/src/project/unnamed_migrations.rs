//! A folder of migrations that no settings name: who forgets to name it gets tables that the definitions make.

use std::fs;
use std::path::Path;

use super::settings::Settings;

/// The folder that most tools take.
const USUAL: &str = "migrations";

/// Tells of a folder that looks as if it held the migrations of a project, where its settings say nothing of what makes
/// its tables. `root` is the project's folder.
pub fn unnamed_migrations(root: &Path, settings: &Settings) -> Option<String> {
    let is_said = settings.says_migrations || settings.migrates();
    (!is_said && holds_sql(&root.join(USUAL), 1)).then(|| {
        format!(
            "the folder {USUAL} holds SQL, and tdata.toml does not name it, so the definitions make the tables; write \
             `migrations = \"{USUAL}\"` there, or `migrations = []` if it is not meant"
        )
    })
}

/// Tells whether a folder, or one in it, holds SQL. Some tools have a folder for each migration.
fn holds_sql(folder: &Path, depth: u8) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| match path.is_dir() {
        true => depth > 0 && holds_sql(&path, depth - 1),
        false => path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    #[test]
    fn only_a_folder_that_nothing_says_anything_of_is_told() {
        let told = |settings: &str, files: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            for file in files {
                let path = folder.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            let settings = Settings::parse(&Source::new("tdata.toml", settings)).unwrap();
            unnamed_migrations(folder.path(), &settings).is_some()
        };
        assert!(told("", &["migrations/1_users.sql"]));
        assert!(told("seed = 1", &["migrations/1_users/up.sql"]));
        assert!(!told("", &["migrations/mod.rs", "migrations/a/b/c.sql", "db/1.sql"]));
        assert!(!told("migrations = []", &["migrations/1_users.sql"]));
        assert!(!told("migrations = \"db\"", &["migrations/1_users.sql"]));
        assert!(!told("migrate_inputs = []", &["migrations/1_users.sql"]));
    }
}

//! A folder of migrations that settings name and that is not there.

use std::fs;
use std::path::Path;

use tdata_core::diagnostic::{Diagnostic, Located};

use super::error::MigrateError;

/// How many folders deep another one is looked for.
const DEPTH: u8 = 3;

/// The folders that hold much, and no migrations of the project.
const ELSEWHERE: &[&str] = &["target", "node_modules"];

/// Tells that a folder is not there, with the nearest that holds SQL; `root` is the project's folder.
pub(super) fn no_folder(root: &Path, folder: &Located<String>) -> MigrateError {
    let mut known = Vec::new();
    holding_sql(root, "", DEPTH, &mut known);
    known.sort();
    let message = format!("there is no folder `{}`, which is to hold migrations", folder.value);
    let mistake = Diagnostic::new("settings::migrations", message).at(&folder.origin);
    let mistake = match known.is_empty() {
        true => {
            mistake.help("name the folder of your migrations, from the folder of tdata.toml on")
        }
        false => mistake.did_you_mean(&folder.value, known.iter().map(String::as_str)),
    };
    MigrateError::Setting(Box::new(mistake))
}

/// Finds the folders with SQL in them. One that has a folder for each migration counts itself.
fn holding_sql(folder: &Path, name: &str, depth: u8, found: &mut Vec<String>) {
    let mut holds_sql = false;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, file) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if file.starts_with('.') || ELSEWHERE.contains(&file.as_str()) {
            continue;
        }
        // A link may lead back up.
        if path.is_dir() && !path.is_symlink() && depth > 0 {
            let below = if name.is_empty() { file } else { format!("{name}/{file}") };
            holding_sql(&path, &below, depth - 1, found);
        } else if file.ends_with(".sql") {
            holds_sql = true;
        }
    }
    if holds_sql && !name.is_empty() {
        found.push(name.to_owned());
        // `migrations/1_users/up.sql`
        if let Some((outer, _)) = name.rsplit_once('/')
            && !found.iter().any(|known| known == outer)
        {
            found.push(outer.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use tdata_core::diagnostic::Source;
    use tdata_core::project::Settings;

    use super::*;

    #[test]
    fn the_nearest_folder_with_sql_is_told_at_the_line() {
        let told = |written: &str, files: &[&str]| {
            let root = tempfile::tempdir().unwrap();
            for file in files {
                let path = root.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            let text = format!("seed = 1\nmigrations = [{{ folder = \"{written}\" }}]\n");
            let settings = Settings::parse(&Source::new("tdata.toml", text)).unwrap();
            no_folder(root.path(), &settings.migrations[0].folder).to_string()
        };
        let text = told("migration", &["migrations/1.sql", "migratio/notes.txt"]);
        assert!(text.contains("there is no folder `migration`, which"), "{text}");
        assert!(text.contains("tdata.toml:2:26"), "{text}");
        assert!(text.contains("did you mean `migrations`?"), "{text}");
        let text = told("db/migration", &["db/migrations/1_users/up.sql"]);
        assert!(text.contains("did you mean `db/migrations`?"), "{text}");
        let text = told("sql", &["server/schema/1.sql", "target/sqk/1.sql"]);
        assert!(text.contains("use `server` or `server/schema`"), "{text}");
        let text = told("sql", &[]);
        assert!(text.contains("name the folder of your migrations"), "{text}");
    }
}

//! The bundle as a project: definitions and migrations as they were used.

use std::io::{self, Write as _};

use tdata_postgres::migrate::{Migrations, Mode};

use super::bundle::Draft;
use super::json::text;
use crate::isolate::Recipe;

/// Writes `tdata.toml`, the definitions and the migrations.
pub(super) fn write(recipe: &Recipe, draft: &Draft) -> io::Result<()> {
    let contract = &recipe.contract;
    let folder = folder(&recipe.migrations);
    let migrations = match recipe.migrations.list.is_empty() {
        true => String::new(),
        false => format!("migrations = {}\n", text(folder)),
    };
    let settings = format!(
        "definitions = \"definitions\"\n{migrations}seed = {}\nas_of = {}\n",
        contract.seed,
        text(&contract.as_of.to_string()),
    );
    draft.write("tdata.toml", &settings)?;
    let datasets = contract.datasets.iter().map(String::as_str);
    // Mistakes in them would have been told before.
    for spec in recipe.library().closure(datasets).unwrap_or_default() {
        let name = &spec.name.value;
        let Some(definition) = recipe.library().definition(name) else { continue };
        draft.write(&format!("definitions/{name}.yaml"), definition.source.text())?;
    }
    for migration in recipe.migrations.list.iter() {
        draft.write(&format!("{folder}/{}", migration.name), &migration.sql)?;
        // In diesel's layout a file beside it says so.
        if let Some((name, "up.sql")) = migration.name.rsplit_once('/')
            && migration.mode == Mode::OneByOne
        {
            let file = format!("{folder}/{name}/metadata.toml");
            draft.write(&file, "run_in_transaction = false\n")?;
        }
    }
    // Those beside the project would be outside of the bundle.
    let included =
        recipe.migrations.included.files().filter(|(path, _)| !path.starts_with(['.', '/']));
    for (path, bytes) in included {
        draft.create(path)?.write_all(bytes)?;
    }
    Ok(())
}

/// Where the migrations are in the bundle. Files that they include are found only where the project has them.
fn folder(migrations: &Migrations) -> &str {
    let includes = migrations.included.files().next().is_some();
    let own = migrations.included.folder_below().filter(|folder| includes && !folder.is_empty());
    own.unwrap_or("migrations")
}

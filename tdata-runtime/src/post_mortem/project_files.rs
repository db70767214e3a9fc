//! The bundle as a project: definitions and migrations as they were used.

use std::io;

use tdata_postgres::migrate::Mode;

use super::bundle::Draft;
use super::json::text;
use crate::isolate::Recipe;

/// Writes `tdata.toml`, the definitions and the migrations.
pub(super) fn write(recipe: &Recipe, draft: &Draft) -> io::Result<()> {
    let contract = &recipe.contract;
    let migrations =
        if recipe.migrations.list.is_empty() { "" } else { "migrations = \"migrations\"\n" };
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
        draft.write(&format!("migrations/{}", migration.name), &migration.sql)?;
        // In diesel's layout a file beside it says so.
        if let Some((folder, "up.sql")) = migration.name.rsplit_once('/')
            && migration.mode == Mode::OneByOne
        {
            let file = format!("migrations/{folder}/metadata.toml");
            draft.write(&file, "run_in_transaction = false\n")?;
        }
    }
    Ok(())
}

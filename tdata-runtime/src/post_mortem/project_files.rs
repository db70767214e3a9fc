//! The bundle as a project: definitions and migrations as they were used.

use std::io::{self, Write as _};

use tdata_postgres::migrate::Migrations;

use super::bundle::Draft;
use super::json::text;
use crate::isolate::Recipe;

/// Writes `tdata.toml`, the definitions and the migrations.
pub(super) fn write(recipe: &Recipe, draft: &Draft) -> io::Result<()> {
    let contract = &recipe.contract;
    let settings = format!(
        "definitions = \"definitions\"\n{}seed = {}\nas_of = {}\n",
        migrations(&recipe.migrations),
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
    let migrations = &recipe.migrations;
    for (index, folder) in migrations.folders.iter().enumerate() {
        for (name, bytes) in &folder.files {
            draft.create(&format!("{}/{name}", path(migrations, index)))?.write_all(bytes)?;
        }
    }
    // Those beside the project would be outside of the bundle.
    let included = migrations.included.files().filter(|(path, _)| !path.starts_with(['.', '/']));
    for (path, bytes) in included {
        draft.create(path)?.write_all(bytes)?;
    }
    Ok(())
}

/// Where a folder of migrations is in the bundle. Files that migrations include are found only where the project has them.
fn path(migrations: &Migrations, index: usize) -> String {
    let includes = migrations.included.files().next().is_some();
    if let Some(own) = migrations.included.folder_below(index).filter(|_| includes) {
        return own.to_owned();
    }
    match migrations.folders.len() {
        1 => "migrations".to_owned(),
        _ => format!("migrations/{}", index + 1),
    }
}

/// Says in settings where the migrations are, and how they were read.
fn migrations(migrations: &Migrations) -> String {
    let folders = &migrations.folders;
    if folders.is_empty() {
        return String::new();
    }
    let written = folders.iter().enumerate().map(|(index, folder)| {
        let table = folder.table.as_deref();
        let table = table.map(|table| format!(", table = {}", text(table))).unwrap_or_default();
        format!(
            "  {{ folder = {}, layout = {}{table} }},\n",
            text(&path(migrations, index)),
            text(folder.layout.word())
        )
    });
    let folders: String = written.collect();
    let placeholders = migrations.placeholders.iter();
    let placeholders: Vec<String> =
        placeholders.map(|(name, value)| format!("{} = {}", text(name), text(value))).collect();
    format!(
        "migrations = [\n{folders}]\nmigration_placeholders = {{ {} }}\n",
        placeholders.join(", ")
    )
}

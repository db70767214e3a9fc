//! The bundle as a project: definitions and migrations as they were used.

use std::io::{self, Write as _};

use tdata_core::project::{Command, Surroundings};
use tdata_postgres::migrate::{Migrations, Part, Program, Work};

use super::bundle::Draft;
use super::json::text;
use crate::isolate::Recipe;

/// Writes `tdata.toml`, the definitions and the migrations.
pub(super) fn write(recipe: &Recipe, draft: &Draft) -> io::Result<()> {
    let contract = &recipe.contract;
    let settings = format!(
        "definitions = \"definitions\"\n{}{}seed = {}\nas_of = {}\n",
        migrations(&recipe.migrations),
        surroundings(&recipe.surroundings),
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
            draft.create(&file(migrations, index, name))?.write_all(bytes)?;
        }
    }
    // Those beside the project would be outside of the bundle.
    let included = migrations.included.files().filter(|(path, _)| !path.starts_with(['.', '/']));
    for (path, bytes) in included {
        draft.create(path)?.write_all(bytes)?;
    }
    Ok(())
}

/// Says what surrounds the rows while they load.
fn surroundings(surroundings: &Surroundings) -> String {
    let settings = surroundings.session.iter();
    let settings: Vec<String> =
        settings.map(|(name, value)| format!("{} = {}", text(name), text(value))).collect();
    let triggers = text(surroundings.triggers.word());
    format!("triggers = {triggers}\nsession_settings = {{ {} }}\n", settings.join(", "))
}

/// Where a folder of migrations is in the bundle. Files that migrations include are found only where the project has them.
fn path(migrations: &Migrations, index: usize) -> String {
    let includes = migrations.included.files().next().is_some();
    let own = migrations.included.folder_below(index).filter(|_| includes);
    // The bundle's own folder has SQL of its own, which is no migration.
    let is_script = migrations.folders[index].part != Part::Migrations;
    if let Some(own) = own.filter(|own| is_script || !own.is_empty()) {
        return own.to_owned();
    }
    match migrations.folders.len() {
        1 => "migrations".to_owned(),
        _ => format!("migrations/{}", index + 1),
    }
}

/// Where a file of such a folder is in the bundle.
fn file(migrations: &Migrations, index: usize, name: &str) -> String {
    match path(migrations, index).as_str() {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// Says in settings what migrates, where its files are, and how they were read.
fn migrations(migrations: &Migrations) -> String {
    let mut written = String::new();
    let folders = folders(migrations);
    if !folders.is_empty() {
        written.push_str(&format!("migrations = [\n{folders}]\n"));
    }
    for part in [Part::Before, Part::After] {
        let scripts = scripts(migrations, part);
        if !scripts.is_empty() {
            written.push_str(&format!("{} = [\n{scripts}]\n", part.key()));
        }
    }
    let mut programs = migrations.turns.iter().filter(|turn| turn.part == Part::Migrations);
    // A function is the test's to give again.
    let command = programs.find_map(|turn| match &turn.work {
        Work::Program(Program::Command(command)) => Some(command),
        _ => None,
    });
    if let Some(command) = command {
        written.push_str(&format!("migrate_command = {}\n", written_command(command)));
    }
    if let Some(inputs) = &migrations.said_inputs {
        let inputs: Vec<String> = inputs.iter().map(|input| text(input)).collect();
        written.push_str(&format!(
            "# From the project's own folder on, where commands run.\nmigrate_inputs = [{}]\n",
            inputs.join(", ")
        ));
    }
    if migrations.limit != Migrations::LIMIT {
        written.push_str(&format!("migration_timeout = \"{}s\"\n", migrations.limit.as_secs()));
    }
    if !migrations.placeholders.is_empty() {
        let placeholders = migrations.placeholders.iter();
        let placeholders: Vec<String> =
            placeholders.map(|(name, value)| format!("{} = {}", text(name), text(value))).collect();
        written.push_str(&format!("migration_placeholders = {{ {} }}\n", placeholders.join(", ")));
    }
    written
}

fn folders(migrations: &Migrations) -> String {
    let folders = migrations.folders.iter().enumerate();
    let folders = folders.filter(|(_, folder)| folder.part == Part::Migrations);
    let written = folders.map(|(index, folder)| {
        let table = folder.table.as_deref();
        let table = table.map(|table| format!(", table = {}", text(table))).unwrap_or_default();
        format!(
            "  {{ folder = {}, layout = {}{table} }},\n",
            text(&path(migrations, index)),
            text(folder.layout.word())
        )
    });
    written.collect()
}

/// The scripts before or behind the migrations, in their order.
fn scripts(migrations: &Migrations, part: Part) -> String {
    let mut written = String::new();
    for turn in migrations.turns.iter().filter(|turn| turn.part == part) {
        match &turn.work {
            Work::Scripts(range) => {
                for migration in &migrations.list[range.clone()] {
                    let files = &migrations.folders[migration.folder].files;
                    for (name, _) in files {
                        let file = file(migrations, migration.folder, name);
                        written.push_str(&format!("  {},\n", text(&file)));
                    }
                }
            }
            Work::Program(Program::Command(command)) => {
                written.push_str(&format!("  {{ command = {} }},\n", written_command(command)));
            }
            Work::Program(Program::Function(_)) => {}
        }
    }
    written
}

fn written_command(command: &Command) -> String {
    match command {
        Command::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| text(word)).collect();
            format!("[{}]", words.join(", "))
        }
        line => text(&line.to_string()),
    }
}

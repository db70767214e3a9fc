//! `tdata cleanup`: takes away what was provisioned into a database.

use clap::Args;
use tdata_jobs::{Cleaned, CleanedDataset, CleanedTable, Tree, cleanup, cleanup_shards};

use crate::console::{Console, print};
use crate::database::{Database, DatabaseUrl, connect_all};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::grouped;
use crate::project::ProjectFolder;
use crate::record::Record;

/// Take away what was provisioned
///
/// Without --database-url, the database of the command's own is dropped. With it, this deletes the rows that the provision added and
/// nobody has changed since, and drops the tables, schemas and databases that it made, unless they have rows of others or something
/// else needs them. What is gone already is no mistake. Given --database-url several times, or with `shards` in tdata.toml, this is
/// done in each of these databases.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Cleanup {
    /// The ID of the provision
    #[arg(value_name = "ID", value_parser = id)]
    id: String,

    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,

    #[command(flatten)]
    database: DatabaseUrl,

    #[command(flatten)]
    project: ProjectFolder,
}

const EXAMPLES: &str = "\
Examples:
  tdata cleanup 6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11
  tdata cleanup 6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11 --database-url postgres://app@localhost/shop";

impl Cleanup {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let databases = self.database.databases(&self.project)?;
        // What let the rows in lets them go.
        let surroundings = self.project.surroundings()?;
        match &databases[..] {
            [] => return self.clean_own(console),
            [database] => {
                let mut client = database.connect_within(None, &surroundings)?;
                let cleaned = cleanup(&mut client, &self.id, surroundings.triggers)?;
                match self.format {
                    Output::Json => print(tree(&cleaned).to_json().as_bytes())?,
                    Output::Text => tell(&self.id, &cleaned, console),
                }
            }
            _ => {
                let connect = |database: &Database| database.connect_within(None, &surroundings);
                let mut shards = connect_all(&databases, connect)?;
                let cleaned = cleanup_shards(&mut shards, &self.id, surroundings.triggers)?;
                let names = shards.iter().map(|shard| shard.name.as_str());
                self.tell_shards(&names.zip(&cleaned).collect::<Vec<_>>(), console)?;
            }
        }
        Ok(Done::Well)
    }

    /// Tells what was taken away from each of several databases.
    fn tell_shards(&self, cleaned: &[(&str, &Cleaned)], console: &Console) -> Result<(), Failed> {
        let is_known = cleaned.iter().any(|(_, cleaned)| cleaned.is_known);
        match self.format {
            Output::Json => {
                let of_shard = |(name, cleaned): &(&str, &Cleaned)| {
                    let mut tree = tree(cleaned);
                    tree.push("database", *name);
                    tree
                };
                let tree = Tree::map([
                    ("status", "cleaned_up".into()),
                    ("found", is_known.into()),
                    ("shards", cleaned.iter().map(of_shard).collect()),
                ]);
                print(tree.to_json().as_bytes())?;
            }
            Output::Text if !is_known => tell_nothing(&self.id, console),
            Output::Text => {
                for (name, cleaned) in cleaned {
                    console.text(&format!("{name}:"));
                    tell(&self.id, cleaned, console);
                }
            }
        }
        Ok(())
    }
}

impl Cleanup {
    /// Drops a database of the command's own.
    fn clean_own(&self, console: &Console) -> Result<Done, Failed> {
        let all = Record::all()?;
        let record = all.into_iter().find(|record| record.id == self.id);
        if let Some(record) = &record {
            record.drop_database()?;
            record.forget()?;
        }
        match self.format {
            Output::Json => {
                let found = record.is_some();
                let tree = Tree::map([("status", "cleaned_up".into()), ("found", found.into())]);
                print(tree.to_json().as_bytes())?;
            }
            Output::Text => match record {
                Some(record) => console.done("Cleaned", &format!("{} dropped", record.database)),
                None => tell_nothing(&self.id, console),
            },
        }
        Ok(Done::Well)
    }
}

/// Reads an ID.
fn id(text: &str) -> Result<String, String> {
    let groups: Vec<&str> = text.split('-').collect();
    let is_group = |(group, length): (&&str, usize)| {
        group.len() == length && group.chars().all(|digit| digit.is_ascii_hexdigit())
    };
    match groups.len() == 5 && groups.iter().zip([8, 4, 4, 4, 12]).all(is_group) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("an ID is such as 6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11".to_owned()),
    }
}

fn tell_nothing(id: &str, console: &Console) {
    console.note(&format!("nothing of {id} is here: it was cleaned up before, or is elsewhere"));
}

fn tell(id: &str, cleaned: &Cleaned, console: &Console) {
    if !cleaned.is_known {
        return tell_nothing(id, console);
    }
    for dataset in &cleaned.datasets {
        let name = &dataset.name;
        if dataset.changed > 0 && cleaned.database.is_none() {
            let changed = grouped(dataset.changed);
            let rows = if dataset.changed == 1 { "row was" } else { "rows were" };
            let message =
                format!("{name}: {changed} {rows} changed or deleted since; what is left stays");
            console.note(&message);
        }
        if let Some(why) = stays_because(dataset.table) {
            console.note(&format!("{name}: its table stays: {why}"));
        }
    }
    cleaned.warnings.iter().for_each(|warning| console.note(warning));
    let deleted: u64 = cleaned.datasets.iter().map(|dataset| dataset.deleted).sum();
    let is_dropped = |dataset: &&CleanedDataset| dataset.table == CleanedTable::Dropped;
    let dropped = cleaned.datasets.iter().filter(is_dropped).count();
    let tables = if dropped == 1 { "table" } else { "tables" };
    let mut message = format!("{} rows deleted, {dropped} {tables} dropped", grouped(deleted));
    for schema in &cleaned.schemas {
        message.push_str(&format!(", schema {schema} dropped"));
    }
    if let Some(database) = &cleaned.database {
        message = format!("database {database} dropped");
    }
    console.done("Cleaned", &message);
}

/// Says why a table stays that the provision had made.
fn stays_because(table: CleanedTable) -> Option<&'static str> {
    match table {
        CleanedTable::HasRows => Some("it has rows of others"),
        CleanedTable::Needed => Some("something else needs it, such as a view or a foreign key"),
        CleanedTable::Left | CleanedTable::Dropped => None,
    }
}

fn null() -> Tree {
    Tree::Bare("null".to_owned())
}

fn tree(cleaned: &Cleaned) -> Tree {
    let dataset = |dataset: &CleanedDataset| {
        Tree::map([
            ("dataset", dataset.name.as_str().into()),
            ("deleted", dataset.deleted.into()),
            ("changed", dataset.changed.into()),
            ("dropped", (dataset.table == CleanedTable::Dropped).into()),
            ("stays_because", stays_because(dataset.table).map_or_else(null, Tree::from)),
        ])
    };
    Tree::map([
        ("status", "cleaned_up".into()),
        ("found", cleaned.is_known.into()),
        ("datasets", cleaned.datasets.iter().map(dataset).collect()),
        ("schemas", cleaned.schemas.iter().map(String::as_str).collect()),
        ("warnings", cleaned.warnings.iter().map(String::as_str).collect()),
        ("databases", cleaned.database.iter().map(String::as_str).collect()),
    ])
}

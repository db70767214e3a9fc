//! `tdata status`: what was provisioned into a database.

use clap::Args;
use tdata_jobs::{Entry, EntryDataset, State, Tree, entries, entry};

use crate::console::{Console, print};
use crate::database::{Database, DatabaseUrl};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::grouped;
use crate::record::Record;

/// Tell what was provisioned
///
/// Without --database-url, these are the databases of the command's own that this user asked for, and that are there still. With
/// it, the ledger is read that `tdata provision` keeps in that database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// The ID of a provision [default: all]
    #[arg(value_name = "ID")]
    id: Option<String>,

    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,

    #[command(flatten)]
    database: DatabaseUrl,
}

const EXAMPLES: &str = "\
Examples:
  tdata status
  tdata status --database-url postgres://app@localhost/shop";

impl Status {
    pub(crate) fn run(&self, _console: &Console) -> Result<Done, Failed> {
        let Some(url) = &self.database.database_url else { return self.tell_own() };
        let mut client = Database::of(url)?.connect(None)?;
        let found = match &self.id {
            Some(id) => vec![entry(&mut client, id)?],
            None => entries(&mut client)?,
        };
        match self.format {
            Output::Json => {
                let tree: Tree = found.iter().map(tree).collect();
                print(tree.to_json().as_bytes())?;
            }
            Output::Text => print(text(&found).as_bytes())?,
        }
        Ok(Done::Well)
    }
}

impl Status {
    /// Tells of databases of the command's own.
    fn tell_own(&self) -> Result<Done, Failed> {
        let records = match &self.id {
            Some(id) => vec![Record::find(id)?],
            None => Record::all()?,
        };
        let mut alive = Vec::new();
        for record in records {
            match record.is_there() {
                true => alive.push(record),
                false => record.forget()?,
            }
        }
        let text = match self.format {
            Output::Json => alive.iter().map(own_tree).collect::<Tree>().to_json(),
            Output::Text => alive.iter().map(own_text).collect(),
        };
        print(text.as_bytes())?;
        Ok(Done::Well)
    }
}

fn own_text(record: &Record) -> String {
    let minutes = record.seconds_left().div_ceil(60);
    format!("{}  for {minutes} minutes  {}\n", record.id, record.url)
}

fn own_tree(record: &Record) -> Tree {
    Tree::map([
        ("id", record.id.as_str().into()),
        ("state", "complete".into()),
        ("url", record.url.as_str().into()),
        ("expires_in", record.seconds_left().into()),
    ])
}

fn text(found: &[Entry]) -> String {
    let mut text = String::new();
    for entry in found {
        text.push_str(&format!("{}  {}  {}\n", entry.id, entry.state.word(), entry.started_at));
        let databases = entry.database.iter().map(|name| ("database", name));
        for (kind, name) in databases.chain(entry.schemas.iter().map(|name| ("schema", name))) {
            text.push_str(&format!("  {kind} {name}, made\n"));
        }
        for dataset in &entry.datasets {
            let made = if dataset.is_made { ", made" } else { "" };
            let (name, rows, table) = (&dataset.name, grouped(dataset.rows), &dataset.table);
            let rows = match entry.state {
                State::Loading => format!("{} of {rows}", grouped(dataset.loaded)),
                _ => rows,
            };
            text.push_str(&format!("  {name}: {rows} rows in {table}{made}\n"));
        }
        if entry.state == State::Loading {
            text.push_str("  its tables get their names when they are whole\n");
        }
    }
    text
}

fn tree(entry: &Entry) -> Tree {
    let dataset = |dataset: &EntryDataset| {
        Tree::map([
            ("dataset", dataset.name.as_str().into()),
            ("table", dataset.table.as_str().into()),
            ("rows", dataset.rows.into()),
            ("loaded", dataset.loaded.into()),
            ("made", dataset.is_made.into()),
        ])
    };
    let or_null = |text: &Option<String>| {
        text.as_deref().map_or_else(|| Tree::Bare("null".to_owned()), Tree::from)
    };
    Tree::map([
        ("id", entry.id.as_str().into()),
        ("state", entry.state.word().into()),
        ("started_at", entry.started_at.as_str().into()),
        ("finished_at", or_null(&entry.finished_at)),
        ("fingerprint", entry.fingerprint.as_str().into()),
        ("tdata_version", entry.version.as_str().into()),
        ("database", or_null(&entry.database)),
        ("schemas", entry.schemas.iter().map(String::as_str).collect()),
        ("datasets", entry.datasets.iter().map(dataset).collect()),
    ])
}

//! `tdata cleanup`: takes away what was provisioned into a database.

use clap::Args;
use tdata_jobs::{Cleaned, CleanedDataset, Tree, cleanup};

use crate::console::{Console, print};
use crate::database::{DatabaseUrl, connect};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::grouped;
use crate::record::Record;

/// Take away what was provisioned
///
/// Without --database-url, the database of the command's own is dropped. With it, this deletes the rows that the provision added and nobody has changed since, and drops the tables that it made, unless they have rows
/// of others.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Cleanup {
    /// The ID of the provision
    #[arg(value_name = "ID")]
    id: String,

    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,

    #[command(flatten)]
    database: DatabaseUrl,
}

const EXAMPLES: &str = "\
Examples:
  tdata cleanup 6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11
  tdata cleanup 6f1f2c1e-6f3c-4c0e-9a53-3b7d5b1f0a11 --database-url postgres://app@localhost/shop";

impl Cleanup {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let Some(url) = &self.database.database_url else { return self.clean_own(console) };
        let mut client = connect(url)?;
        let cleaned = cleanup(&mut client, &self.id)?;
        match self.format {
            Output::Json => print(tree(&cleaned).to_json().as_bytes())?,
            Output::Text => tell(&cleaned, console),
        }
        Ok(Done::Well)
    }
}

impl Cleanup {
    /// Drops a database of the command's own.
    fn clean_own(&self, console: &Console) -> Result<Done, Failed> {
        let record = Record::find(&self.id)?;
        record.drop_database()?;
        record.forget()?;
        match self.format {
            Output::Json => {
                print(Tree::map([("status", "cleaned_up".into())]).to_json().as_bytes())?
            }
            Output::Text => console.done("Cleaned", &format!("{} dropped", record.database)),
        }
        Ok(Done::Well)
    }
}

fn tell(cleaned: &Cleaned, console: &Console) {
    for dataset in cleaned.datasets.iter().filter(|dataset| dataset.changed > 0) {
        let (name, changed) = (&dataset.name, grouped(dataset.changed));
        let rows = if dataset.changed == 1 { "row was" } else { "rows were" };
        console.note(&format!(
            "{name}: {changed} {rows} changed or deleted since; what is left stays"
        ));
    }
    let deleted: u64 = cleaned.datasets.iter().map(|dataset| dataset.deleted).sum();
    let dropped = cleaned.datasets.iter().filter(|dataset| dataset.is_dropped).count();
    let tables = if dropped == 1 { "table" } else { "tables" };
    console
        .done("Cleaned", &format!("{} rows deleted, {dropped} {tables} dropped", grouped(deleted)));
}

fn tree(cleaned: &Cleaned) -> Tree {
    let dataset = |dataset: &CleanedDataset| {
        Tree::map([
            ("dataset", dataset.name.as_str().into()),
            ("deleted", dataset.deleted.into()),
            ("changed", dataset.changed.into()),
            ("dropped", dataset.is_dropped.into()),
        ])
    };
    Tree::map([
        ("status", "cleaned_up".into()),
        ("datasets", cleaned.datasets.iter().map(dataset).collect()),
    ])
}

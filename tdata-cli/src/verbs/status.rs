//! `tdata status`: what was provisioned into a database.

use clap::Args;
use tdata_jobs::{JobError, Tree, entries, entries_of_shards, entry};

use crate::console::{Console, print};
use crate::database::{Database, DatabaseUrl, connect_all};
use crate::entries::{Divided, text, tree};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::project::ProjectFolder;
use crate::record::Record;

/// Tell what was provisioned
///
/// Without --database-url, these are the databases of the command's own that this user asked for, and that are there still. With
/// it, the ledger is read that `tdata provision` keeps in that database. Given --database-url several times, or with `shards` in
/// tdata.toml, it is told of these databases together.
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

    #[command(flatten)]
    project: ProjectFolder,
}

const EXAMPLES: &str = "\
Examples:
  tdata status
  tdata status --database-url postgres://app@localhost/shop";

impl Status {
    pub(crate) fn run(&self, _console: &Console) -> Result<Done, Failed> {
        let databases = self.database.databases(&self.project)?;
        let database = match &databases[..] {
            [] => return self.tell_own(),
            [database] => database,
            _ => return self.tell_shards(&databases),
        };
        let mut client = database.connect(None)?;
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
    /// Tells of several databases together.
    fn tell_shards(&self, databases: &[Database]) -> Result<Done, Failed> {
        let mut shards = connect_all(databases, |database| database.connect(None))?;
        let ledgers = entries_of_shards(&mut shards)?;
        let names = shards.into_iter().map(|shard| shard.name);
        let mut found = Divided::all(names.zip(ledgers));
        if let Some(id) = &self.id {
            found.retain(|one| one.id.eq_ignore_ascii_case(id));
            if found.is_empty() {
                return Err(JobError::Asked {
                    message: format!("none of these databases has a provision `{id}`"),
                    help: Some(
                        "`tdata status` without an ID lists those that there are".to_owned(),
                    ),
                }
                .into());
            }
        }
        let text = match self.format {
            Output::Json => found.iter().map(Divided::tree).collect::<Tree>().to_json(),
            Output::Text => found.iter().map(Divided::text).collect(),
        };
        print(text.as_bytes())?;
        Ok(Done::Well)
    }

    /// Tells of databases of the command's own.
    fn tell_own(&self) -> Result<Done, Failed> {
        let records = match &self.id {
            Some(id) => vec![Record::find(id)?],
            None => Record::all()?,
        };
        let (mut found, mut unreachable) = (Vec::new(), Vec::new());
        for record in records {
            match record.is_there() {
                Ok(true) => found.push((record, "complete")),
                Ok(false) => record.forget()?,
                Err(error) => {
                    let name = format!("{} on {}", record.id, record.place());
                    unreachable.push((name, error));
                    found.push((record, "unreachable"));
                }
            }
        }
        let text = match self.format {
            Output::Json => found.iter().map(own_tree).collect::<Tree>().to_json(),
            Output::Text => found.iter().map(own_text).collect(),
        };
        print(text.as_bytes())?;
        // It may be there, and just now nobody can tell.
        if unreachable.is_empty() {
            Ok(Done::Well)
        } else {
            Err(JobError::ByDatabase(unreachable).into())
        }
    }
}

fn own_text((record, state): &(Record, &str)) -> String {
    let minutes = record.seconds_left().div_ceil(60);
    let state = if *state == "complete" { String::new() } else { format!("  {state}") };
    format!("{}  for {minutes} minutes  {}{state}\n", record.id, record.url)
}

fn own_tree((record, state): &(Record, &str)) -> Tree {
    Tree::map([
        ("id", record.id.as_str().into()),
        ("state", (*state).into()),
        ("url", record.url.as_str().into()),
        ("expires_in", record.seconds_left().into()),
    ])
}

//! `tdata provision`: rows of datasets in a database.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use clap::Args;
use tdata_core::contract::Isolation;
use tdata_core::project::TimeSpan;
use tdata_jobs::{JobError, Place, Provision as Job, provision, provision_shards};
use tdata_postgres::load::Ground;
use tdata_postgres::migrate::Migrations;

use crate::console::Console;
use crate::database::{Database, DatabaseUrl, connect_all};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::own::url_to_tell;
use crate::progress::Progress;
use crate::project::{ContractOptions, ProjectOptions};
use crate::provisioned::Told;
use crate::record::{Record, end_of};

/// Load rows of datasets into a database
///
/// Without --database-url, a database of its own is made on the server that tests would use, as a test gets it, and goes by
/// itself after some time. With it, rows go into that database's tables, and tables that are missing are made. Rows that are there
/// are never overwritten without --replace. Over one connection all of that is one transaction; over several, tables get their names when
/// they are whole. A ledger in the database records it under an ID. `tdata status` and `tdata cleanup` find by the ID what was made.
///
/// Given --database-url several times, or with `shards` in tdata.toml, rows are divided among these databases: by PostgreSQL's hash of
/// each dataset's `shard_key`, children with their parents.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Provision {
    /// The datasets; relationships bring others along
    #[arg(value_name = "DATASET", required_unless_present = "datasets")]
    named: Vec<String>,

    /// The datasets, with commas between them
    #[arg(long, value_name = "DATASETS", value_delimiter = ',', conflicts_with = "named")]
    datasets: Vec<String>,

    /// Remove the rows that are in the datasets' tables first
    #[arg(long)]
    replace: bool,

    /// How long a database of its own stays, such as 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = time, conflicts_with = "database_url")]
    ttl: Duration,

    /// What the data get for themselves: `full` for a database, `schema` for a schema. With --database-url, that is made on its server
    /// or in it; without this option, the tables are those of the database
    #[arg(long, value_name = "ISOLATION")]
    isolation: Option<Isolation>,

    /// Over how many connections rows are loaded [default: what suits the machine and the rows]
    #[arg(long, value_name = "NUMBER")]
    streams: Option<NonZeroUsize>,

    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,

    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,

    #[command(flatten)]
    database: DatabaseUrl,

    #[command(flatten)]
    contract: ContractOptions,

    #[command(flatten)]
    project: ProjectOptions,
}

const EXAMPLES: &str = "\
Examples:
  tdata provision users orders --volumes users=50,orders=200 --ttl 30m
  tdata provision users orders --database-url postgres://app@localhost/shop
  tdata provision --datasets users,orders --volumes '{\"users\":1000000}' --database-url \"$URL\"
  tdata provision users --database-url \"$URL\" --replace --dry-run
  tdata provision users orders --database-url @one.url --database-url @two.url";

impl Provision {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let began = Instant::now();
        let datasets = if self.datasets.is_empty() { &self.named } else { &self.datasets };
        let databases = self.database.databases(self.project.folder())?;
        if databases.is_empty() {
            self.tell_what_needs_a_database()?;
            if self.dry_run {
                let plan = self.project.resolve(datasets, Some(&self.contract))?.plan()?;
                Told::planned(plan).tell(self.format, console)?;
                return Ok(Done::Well);
            }
            return self.provision_own(datasets, began, console);
        }
        let place = self.place()?;
        let resolved = self.project.resolve(datasets, Some(&self.contract))?;
        let fingerprint = resolved.fingerprint()?.to_string();
        let migrations = Migrations::default();
        let triggers = resolved.surroundings.triggers;
        let job = Job {
            contract: &resolved.contract,
            library: resolved.files.library(),
            mask_key: &resolved.mask_key,
            fingerprint: &fingerprint,
            ground: Ground { triggers, owner: None, migrations: &migrations },
            place,
            replace: self.replace,
            streams: self.streams,
            dry_run: self.dry_run,
        };
        let progress = Progress::of_all(console, "loaded");
        let connect = |database: &Database, name: Option<&str>| {
            database.connect_to_load(name, &resolved.surroundings, progress.stop())
        };
        let provisioned = match &databases[..] {
            [database] => connect(database, None).and_then(|mut client| {
                let others = |name: Option<&str>| connect(database, name);
                provision(&mut client, &others, &job, &progress)
            }),
            _ => connect_all(&databases, |database| connect(database, None))
                .and_then(|mut shards| provision_shards(&mut shards, &job, &progress)),
        };
        // No sign of life stands where the outcome is told.
        drop(progress);
        Told::of(provisioned?, began.elapsed()).tell(self.format, console)?;
        Ok(Done::Well)
    }

    /// Tells options that say something of a database which nobody named.
    fn tell_what_needs_a_database(&self) -> Result<(), Failed> {
        let options = [("--replace", self.replace), ("--streams", self.streams.is_some())];
        match options.iter().find(|(_, is_said)| *is_said) {
            None => Ok(()),
            Some((option, _)) => Err(JobError::Asked {
                message: format!("{option} is about rows in a database of yours"),
                help: Some("name it with --database-url, or as `shards` in tdata.toml".to_owned()),
            }
            .into()),
        }
    }

    /// Returns where tables are in the database of a URL.
    fn place(&self) -> Result<Place, Failed> {
        match self.isolation {
            None => Ok(Place::Tables),
            Some(Isolation::Schema) => Ok(Place::Schema),
            Some(Isolation::Full) => Ok(Place::Database),
            Some(other) => Err(JobError::Asked {
                message: format!("with --database-url, nothing is isolated by `{other}`"),
                help: Some("say `full`, `schema`, or nothing".to_owned()),
            }
            .into()),
        }
    }

    /// Makes a database as a test gets it, which stays for some time.
    fn provision_own(
        &self,
        datasets: &[String],
        began: Instant,
        console: &Console,
    ) -> Result<Done, Failed> {
        Record::prove_folder()?;
        // It lives until the data have their time: what an engine leaves ends with it.
        let engine = self.project.engine()?;
        let mut request = self.project.request(&engine, datasets, &self.contract);
        if let Some(isolation) = self.isolation {
            request = request.isolation(isolation);
        }
        let data = request.provision()?;
        let id = "SELECT gen_random_uuid()::text";
        let id = data.try_client()?.query_one(id, &[]).map_err(tdata_postgres::Refusal::from);
        let is_owned = data.server().is_owned();
        let record = Record {
            id: id.map_err(JobError::Database)?.get(0),
            url: url_to_tell(data.url(), is_owned),
            database: data.database().to_owned(),
            maintenance: data.server().endpoint().maintenance().to_owned(),
            is_owned,
            until: end_of(self.ttl),
        };
        // First, so that nothing stays that nobody can find: without its time, the database goes with this process.
        record.save()?;
        if let Err(error) = data.keep_for(self.ttl) {
            record.forget()?;
            return Err(error.into());
        }
        let plan = data.plan();
        Told::own(plan.clone(), &record, began.elapsed()).tell(self.format, console)?;
        Ok(Done::Well)
    }
}

/// Reads a time.
fn time(text: &str) -> Result<Duration, String> {
    let time: TimeSpan = text.parse().map_err(|_| format!("give {}", TimeSpan::EXPECTED))?;
    Ok(time.duration())
}

//! `tdata provision`: rows of datasets in a database.

use std::time::{Duration, Instant};

use clap::Args;
use tdata_core::contract::Isolation;
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_core::project::{TimeSpan, Triggers};
use tdata_jobs::{JobError, Provision as Job, Provisioned, Tree, provision};
use tdata_postgres::load::Ground;
use tdata_postgres::migrate::Migrations;

use crate::console::{Console, print};
use crate::database::{DatabaseUrl, connect};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::{Progress, grouped};
use crate::project::{ContractOptions, ProjectOptions};
use crate::record::Record;

/// Load rows of datasets into a database
///
/// Without --database-url, a database of its own is made on the server that tests would use, as a test gets it, and goes by
/// itself after some time. With it, rows go into that database's tables, and tables that are missing are made. Rows that are there
/// are never overwritten without --replace. All of that is one transaction, which a ledger in the database records under an
/// ID. `tdata status` and `tdata cleanup` find by the ID what was made.
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
    #[arg(long, requires = "database_url")]
    replace: bool,

    /// How long a database of its own stays, such as 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "2h", value_parser = time, conflicts_with = "database_url")]
    ttl: Duration,

    /// How a database of its own is separated from others: full or schema
    #[arg(long, value_name = "ISOLATION", conflicts_with = "database_url")]
    isolation: Option<Isolation>,

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
  tdata provision users --database-url \"$URL\" --replace --dry-run";

impl Provision {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let began = Instant::now();
        let datasets = if self.datasets.is_empty() { &self.named } else { &self.datasets };
        let url = match &self.database.database_url {
            Some(url) => url,
            None if self.dry_run => return self.plan_own(datasets, console),
            None => return self.provision_own(datasets, began, console),
        };
        let resolved = self.project.resolve(datasets, Some(&self.contract))?;
        let fingerprint = resolved.fingerprint()?.to_string();
        let mut client = connect(url)?;
        let migrations = Migrations::default();
        let job = Job {
            contract: &resolved.contract,
            library: resolved.files.library(),
            mask_key: &resolved.mask_key,
            fingerprint: &fingerprint,
            ground: Ground { triggers: Triggers::On, owner: None, migrations: &migrations },
            replace: self.replace,
            dry_run: self.dry_run,
        };
        let provisioned = provision(&mut client, &job, &Progress::new(console, "loaded"))?;
        if let Some(id) = &provisioned.taken_away {
            console.note(&format!(
                "an unchecked run of the same contract, {id}, was taken away first"
            ));
        }
        let seconds = began.elapsed().as_secs_f64();
        match self.format {
            Output::Json => print(tree(&provisioned, seconds).to_json().as_bytes())?,
            Output::Text => self.tell(&provisioned, seconds, console)?,
        }
        Ok(Done::Well)
    }

    /// Tells what a database of its own would have.
    fn plan_own(&self, datasets: &[String], console: &Console) -> Result<Done, Failed> {
        let plan = self.project.resolve(datasets, Some(&self.contract))?.plan()?;
        let provisioned = Provisioned { id: None, plan, taken_away: None, replaced: Vec::new() };
        match self.format {
            Output::Json => print(tree(&provisioned, 0.0).to_json().as_bytes())?,
            Output::Text => self.tell(&provisioned, 0.0, console)?,
        }
        Ok(Done::Well)
    }

    /// Makes a database as a test gets it, which stays for some time.
    fn provision_own(
        &self,
        datasets: &[String],
        began: Instant,
        console: &Console,
    ) -> Result<Done, Failed> {
        // It lives until the data have their time: what an engine leaves ends with it.
        let engine = self.project.engine()?;
        let mut request = self.project.request(&engine, datasets, &self.contract);
        if let Some(isolation) = self.isolation {
            request = request.isolation(isolation);
        }
        let data = request.provision()?;
        data.keep_for(self.ttl)?;
        let id = "SELECT gen_random_uuid()::text";
        let id = data.try_client()?.query_one(id, &[]).map_err(tdata_postgres::Refusal::from);
        let id: String = id.map_err(JobError::Database)?.get(0);
        let (url, database) = (data.url().to_owned(), data.database().to_owned());
        let record = Record::new(id, url, database, self.ttl);
        record.save()?;
        let seconds = began.elapsed().as_secs_f64();
        match self.format {
            Output::Json => {
                let tree = Tree::map([
                    ("id", record.id.as_str().into()),
                    ("status", "success".into()),
                    ("url", record.url.as_str().into()),
                    ("expires_in", record.seconds_left().into()),
                    ("seconds", Tree::Bare(format!("{seconds:.3}"))),
                ]);
                print(tree.to_json().as_bytes())?;
            }
            Output::Text => {
                let minutes = self.ttl.as_secs() / 60;
                console.done("Provisioned", &format!("{seconds:.2} s, for {minutes} minutes"));
                console.done("ID", &record.id);
                print(format!("{}\n", record.url).as_bytes())?;
            }
        }
        Ok(Done::Well)
    }

    fn tell(
        &self,
        provisioned: &Provisioned,
        seconds: f64,
        console: &Console,
    ) -> Result<(), Failed> {
        print(table(&provisioned.plan).as_bytes())?;
        for table in &provisioned.replaced {
            let verb = if self.dry_run { "would be" } else { "were" };
            console.note(&format!("rows that were in {table} {verb} removed"));
        }
        let rows: u64 = provisioned.plan.datasets.iter().map(added).sum();
        match &provisioned.id {
            None => {
                console.done("Planned", &format!("{} rows; nothing was written", grouped(rows)))
            }
            Some(id) => {
                let rate = (rows as f64 / seconds.max(1e-3)) as u64;
                let (rows, rate) = (grouped(rows), grouped(rate));
                console.done("Provisioned", &format!("{rows} rows, {seconds:.2} s, {rate} rows/s"));
                console.done("ID", id);
            }
        }
        Ok(())
    }
}

/// Reads a time.
fn time(text: &str) -> Result<Duration, String> {
    let time: TimeSpan = text.parse().map_err(|_| format!("give {}", TimeSpan::EXPECTED))?;
    Ok(time.duration())
}

/// How many rows are added of a dataset.
fn added(dataset: &DatasetPlan) -> u64 {
    if dataset.is_there() { 0 } else { dataset.rows.saturating_sub(dataset.existing.rows) }
}

fn table(plan: &Plan) -> String {
    let mut lines = vec![["dataset", "rows", "table"].map(str::to_owned)];
    lines.extend(plan.datasets.iter().map(|dataset| {
        let table = match (dataset.is_there(), dataset.table_exists) {
            (true, _) => format!("{}, as it is", dataset.table.written()),
            (false, true) => dataset.table.written(),
            (false, false) => format!("{}, made", dataset.table.written()),
        };
        [dataset.name.clone(), grouped(added(dataset)), table]
    }));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let (a, b) = (width(0).unwrap_or(0), width(1).unwrap_or(0));
    lines.iter().map(|[name, rows, table]| format!("{name:<a$}  {rows:>b$}  {table}\n")).collect()
}

fn tree(provisioned: &Provisioned, seconds: f64) -> Tree {
    let counts = provisioned.plan.datasets.iter();
    let counts = counts.map(|dataset| (dataset.name.clone(), added(dataset).into())).collect();
    let status = if provisioned.id.is_some() { "success" } else { "planned" };
    Tree::map([
        ("id", provisioned.id.as_deref().unwrap_or_default().into()),
        ("status", status.into()),
        ("record_counts", Tree::Map(counts)),
        ("replaced", provisioned.replaced.iter().map(String::as_str).collect()),
        ("seconds", Tree::Bare(format!("{seconds:.3}"))),
    ])
}

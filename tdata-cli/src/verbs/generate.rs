//! `tdata generate`: rows of datasets as files.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::Path;
use std::thread;

use clap::Args;
use clap::builder::PossibleValuesParser;
use tdata_jobs::{
    Asked, Compression, Format, Generate as Job, Layout, Out, Watch, generate, widen,
};

use crate::console::Console;
use crate::exit::{Done, Failed};
use crate::project::{ContractOptions, ProjectOptions};
use crate::range::RowRange;
use crate::stop::Stop;

/// Generate rows of datasets as files
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Generate {
    /// The datasets
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<String>,

    /// Which rows, counted from 0: 0..1000, 500.. or 500 [default: all]
    #[arg(long, value_name = "RANGE")]
    rows: Option<RowRange>,

    /// The format [default: by the name of the file, else csv]
    #[arg(long, short, value_name = "FORMAT")]
    #[arg(value_parser = PossibleValuesParser::new(Format::all().map(Format::word)))]
    format: Option<String>,

    /// A file, a folder (ends with `/`) that gets parts, or `-` for standard output
    #[arg(long, short, value_name = "PATH", default_value = "-")]
    out: String,

    /// Leave out the line of names that CSV begins with
    #[arg(long)]
    no_header: bool,

    /// How many rows a part has, in a folder
    #[arg(long, value_name = "ROWS", default_value = "1000000")]
    part_rows: NonZeroU64,

    /// How many threads make rows [default: as many as there are processors]
    #[arg(long, short, value_name = "THREADS")]
    jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    contract: ContractOptions,

    #[command(flatten)]
    project: ProjectOptions,
}

const EXAMPLES: &str = "\
Examples:
  tdata generate users | head
  tdata generate users --rows 0..1000000 --out users.csv
  tdata generate users orders --volumes '{\"users\":1000,\"orders\":5000}' --out data/";

impl Generate {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let mut resolved = self.project.resolve(&self.datasets, Some(&self.contract))?;
        let range = self.rows.unwrap_or(RowRange::ALL);
        if let Some(end) = range.end {
            widen(&mut resolved.contract, resolved.files.library(), &self.datasets, end);
        }
        let plan = resolved.plan()?;
        let datasets = plan.datasets.iter().filter(|dataset| self.datasets.contains(&dataset.name));
        let asked = |dataset: &tdata_core::plan::DatasetPlan| Asked {
            dataset: dataset.name.clone(),
            rows: range.of(dataset.rows),
        };
        let job = Job {
            datasets: datasets.map(asked).collect(),
            layout: Layout { header: !self.no_header, ..Layout::of(self.format()) },
            compression: self.compression(),
            out: Out::read(&self.out),
            part_rows: self.part_rows,
            threads: self
                .jobs
                .or_else(|| thread::available_parallelism().ok())
                .unwrap_or(NonZeroUsize::MIN),
        };
        let generated = generate(&job, &plan, &Listening(Stop::listen()))?;
        console.done("Generated", &format!("{} rows", generated.rows));
        Ok(Done::Well)
    }

    fn format(&self) -> Format {
        let word = self.format.as_deref();
        let named = Format::all().find(|format| Some(format.word()) == word);
        named.or_else(|| Format::of_file(Path::new(&self.out))).unwrap_or(Format::Csv)
    }

    fn compression(&self) -> Option<Compression> {
        Compression::of_file(Path::new(&self.out))
    }
}

struct Listening(Stop);

impl Watch for Listening {
    fn begins(&self, _: &str, _: u64) {}

    fn did(&self, _: u64) {}

    fn ends(&self) {}

    fn is_stopped(&self) -> bool {
        self.0.is_asked()
    }
}

//! `tdata generate`: rows of datasets as files.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use tdata_core::plan::{DatasetPlan, Plan};
use tdata_jobs::{
    Asked, Compression, Format, Generate as Job, Generated, Layout, Manifest, Out, Record, Tree,
    generate, widen,
};

use crate::console::Console;
use crate::copy_line::copy_line;
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::{Progress, grouped};
use crate::project::{ContractOptions, ProjectOptions};
use crate::range::RowRange;

/// Generate rows of datasets as files
///
/// A row's bytes are the same however rows are cut into files, and whoever makes them. A file gets its name when it is whole.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Generate {
    /// The datasets
    #[arg(value_name = "DATASET", required = true)]
    datasets: Vec<String>,

    /// Which rows of each, counted from 0: 0..1000, 500.. or 500 [default: all]
    #[arg(long, value_name = "RANGE")]
    rows: Option<RowRange>,

    /// The format [default: what the file's name says, else csv]
    #[arg(long, short, value_name = "FORMAT")]
    format: Option<FormatWord>,

    /// A file, a folder that gets parts (ends with `/`), or `-` for standard output
    #[arg(long, short, value_name = "PATH", default_value = "-")]
    out: String,

    /// Compress [default: what the file's name says]
    #[arg(long, value_name = "METHOD")]
    compress: Option<CompressionWord>,

    /// How many rows a part in a folder has
    #[arg(long, value_name = "ROWS", default_value = "1000000")]
    part_rows: NonZeroU64,

    /// Write the manifest to this file [default: `manifest.json` in a folder of parts, else none]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Leave out the line of names that CSV begins with
    #[arg(long)]
    no_header: bool,

    /// How many rows an INSERT of SQL has
    #[arg(long, value_name = "ROWS", default_value = "1")]
    rows_per_insert: NonZeroU64,

    /// Generate the datasets that relationships bring along as well
    #[arg(long)]
    with_parents: bool,

    /// How many threads make rows [default: as many as there are processors]
    #[arg(long, short, value_name = "THREADS")]
    jobs: Option<NonZeroUsize>,

    /// How the summary on standard error is told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    summary: Output,

    #[command(flatten)]
    contract: ContractOptions,

    #[command(flatten)]
    project: ProjectOptions,
}

const EXAMPLES: &str = "\
Examples:
  tdata generate users | head
  tdata generate users --rows 0..100000 --out users.csv.zst
  tdata generate users orders --volumes '{\"users\":1000,\"orders\":5000}' --format pgcopy --out data/
  tdata generate users --rows 1000000..2000000 --volumes users=5000000 --out one/

Parts that are made apart need the same seed, as-of time and volumes: `tdata verify` tells.";

/// A format, by its word.
#[derive(Clone, Copy, Debug)]
struct FormatWord(Format);

impl ValueEnum for FormatWord {
    fn value_variants<'a>() -> &'a [Self] {
        const ALL: [FormatWord; Format::ALL.len()] = {
            let mut words = [FormatWord(Format::Csv); Format::ALL.len()];
            let mut at = 0;
            while at < words.len() {
                words[at] = FormatWord(Format::ALL[at]);
                at += 1;
            }
            words
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.word()).help(self.0.summary()))
    }
}

/// How to compress, by its word.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum CompressionWord {
    /// Zstandard
    Zstd,
    /// Not at all
    None,
}

/// Tells how `psql` loads a file that was written.
fn tell_copy(job: &Job, plan: &Plan, console: &Console) {
    if let (Out::File(path), [asked]) = (&job.out, &job.datasets[..])
        && let Some(dataset) = plan.dataset(&asked.dataset)
        && let Some(line) = copy_line(dataset, path, job.layout, job.compression)
    {
        console.done("psql", &line);
    }
}

impl Generate {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let began = Instant::now();
        let mut resolved = self.project.resolve(&self.datasets, Some(&self.contract))?;
        let range = self.rows.unwrap_or(RowRange::ALL);
        if let Some(end) = range.end {
            widen(&mut resolved.contract, resolved.files.library(), &self.datasets, end);
        }
        let plan = resolved.plan()?;
        let out = Out::read(&self.out);
        let manifest = self.manifest.clone().or_else(|| match &out {
            Out::Folder(folder) => Some(folder.join(Manifest::NAME)),
            _ => None,
        });
        let fingerprint = resolved.fingerprint()?.to_string();
        console.detail(&format!(
            "contract {fingerprint}: {}, seed {}",
            plan.contract, plan.contract.seed
        ));
        let console = if out == Out::Stdout { console.beside_data() } else { *console };
        let job = Job {
            datasets: self.asked(&plan, range),
            layout: Layout {
                header: !self.no_header,
                rows_per_insert: self.rows_per_insert,
                ..Layout::of(self.format())
            },
            compression: self.compression(),
            out,
            part_rows: self.part_rows,
            threads: self.threads(),
            record: manifest.map(|path| Record { path, fingerprint }),
        };
        let generated = generate(&job, &plan, &Progress::new(&console, "generated"))?;
        self.tell(&generated, began.elapsed().as_secs_f64(), &console);
        if self.summary == Output::Text {
            tell_copy(&job, &plan, &console);
        }
        Ok(Done::Well)
    }

    /// Returns the datasets and rows that are asked for, in the order of the plan: parents first.
    fn asked(&self, plan: &Plan, range: RowRange) -> Vec<Asked> {
        let is_named = |dataset: &&DatasetPlan| self.datasets.contains(&dataset.name);
        let asked = |dataset: &DatasetPlan| {
            let range = if is_named(&dataset) { range } else { RowRange::ALL };
            Asked { dataset: dataset.name.clone(), rows: range.of(dataset.rows) }
        };
        let datasets = plan.datasets.iter().filter(|one| self.with_parents || is_named(one));
        datasets.map(asked).collect()
    }

    fn format(&self) -> Format {
        let by_name = || Format::of_file(Path::new(&self.out));
        self.format.map(|word| word.0).or_else(by_name).unwrap_or(Format::Csv)
    }

    fn compression(&self) -> Option<Compression> {
        match self.compress {
            Some(CompressionWord::Zstd) => Some(Compression::Zstd),
            Some(CompressionWord::None) => None,
            None => Compression::of_file(Path::new(&self.out)),
        }
    }

    fn threads(&self) -> NonZeroUsize {
        let all = || thread::available_parallelism().ok();
        self.jobs.or_else(all).unwrap_or(NonZeroUsize::MIN)
    }

    fn tell(&self, generated: &Generated, seconds: f64, console: &Console) {
        let Generated { rows, bytes, files, datasets } = generated;
        let rate = (*rows as f64 / seconds.max(1e-3)) as u64;
        match self.summary {
            Output::Text => {
                let (rows, bytes, rate) = (grouped(*rows), grouped(*bytes), grouped(rate));
                let files =
                    if *files == 1 { "1 file".to_owned() } else { format!("{files} files") };
                let message =
                    format!("{rows} rows, {bytes} bytes in {files}, {seconds:.2} s, {rate} rows/s");
                console.done("Generated", &message);
            }
            Output::Json => {
                let datasets = datasets.iter().map(|(name, rows)| (name.clone(), (*rows).into()));
                let tree = Tree::map([
                    ("rows", (*rows).into()),
                    ("bytes", (*bytes).into()),
                    ("files", (*files).into()),
                    ("seconds", Tree::Bare(format!("{seconds:.3}"))),
                    ("datasets", Tree::Map(datasets.collect())),
                ]);
                console.text(tree.to_json().trim_end());
            }
        }
    }
}

//! `tdata verify`: whether files are there as they were made.

use std::path::{Path, PathBuf};

use clap::Args;
use tdata_jobs::{Manifest, Tree, Verified, Verify as Job, verify};

use crate::console::{Console, print};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::progress::{Progress, grouped};

/// Verify files by their manifests
///
/// Each file must be there as it was made, the manifests must be of the same contract, and their parts must have all rows of
/// each dataset, and each once. What the parts add up to is printed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// The manifests of all parts, or folders that have one
    #[arg(value_name = "MANIFEST", required = true)]
    manifests: Vec<PathBuf>,

    /// A manifest whose rows must be the same, in whatever format and parts
    #[arg(long, value_name = "MANIFEST")]
    against: Option<PathBuf>,

    /// Read the manifests only, and none of the files
    #[arg(long)]
    no_files: bool,

    /// Datasets of the contract without any part are wrong, too: else it may be that nobody asked for them
    #[arg(long)]
    whole: bool,

    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,
}

const EXAMPLES: &str = "\
Examples:
  tdata verify data/manifest.json
  tdata verify part-1/manifest.json part-2/manifest.json --against whole/manifest.json

Exits with 3 if something is wrong.";

impl Verify {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let job = Job {
            manifests: self.manifests.iter().map(|path| in_folder(path)).collect(),
            against: self.against.as_deref().map(in_folder),
            without_files: self.no_files,
            is_whole: self.whole,
        };
        let verified = verify(&job, &Progress::new(console, "verified"))?;
        match self.format {
            Output::Json => print(tree(&verified).to_json().as_bytes())?,
            Output::Text => {
                print(table(&verified).as_bytes())?;
                let missing: Vec<_> =
                    verified.without_parts.iter().map(|name| format!("`{name}`")).collect();
                if !missing.is_empty() && !self.whole {
                    let missing = missing.join(", ");
                    console.note(&format!("the contract has {missing}, too, and no manifest has any part: --whole demands them"));
                }
                verified.problems.iter().for_each(|problem| console.error(problem));
                if verified.problems.is_empty() {
                    console.done("Verified", &format!("{} datasets", verified.datasets.len()));
                }
            }
        }
        Ok(if verified.problems.is_empty() { Done::Well } else { Done::Found })
    }
}

/// A folder stands for the manifest in it.
fn in_folder(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(Manifest::NAME) } else { path.to_owned() }
}

fn tree(verified: &Verified) -> Tree {
    let dataset = |dataset: &tdata_jobs::VerifiedDataset| {
        Tree::map([
            ("dataset", dataset.dataset.as_str().into()),
            ("volume", dataset.volume.into()),
            ("parts", dataset.parts.into()),
            ("rows", dataset.rows.into()),
            ("bytes", dataset.bytes.into()),
            ("checksum", dataset.checksum.to_string().as_str().into()),
        ])
    };
    Tree::map([
        ("datasets", verified.datasets.iter().map(dataset).collect()),
        ("without_parts", verified.without_parts.iter().map(String::as_str).collect()),
        ("problems", verified.problems.iter().map(String::as_str).collect()),
    ])
}

fn table(verified: &Verified) -> String {
    let mut lines = vec![["dataset", "parts", "rows", "bytes", "checksum"].map(str::to_owned)];
    lines.extend(verified.datasets.iter().map(|dataset| {
        [
            dataset.dataset.clone(),
            grouped(dataset.parts),
            grouped(dataset.rows),
            grouped(dataset.bytes),
            dataset.checksum.to_string(),
        ]
    }));
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..5).map(|column| width(column).unwrap_or(0)).collect();
    let line = |[dataset, parts, rows, bytes, checksum]: &[String; 5]| {
        let (a, b, c, d) = (widths[0], widths[1], widths[2], widths[3]);
        format!("{dataset:<a$}  {parts:>b$}  {rows:>c$}  {bytes:>d$}  {checksum}\n")
    };
    lines.iter().map(line).collect()
}

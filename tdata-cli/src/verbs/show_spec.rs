//! `tdata show-spec`: prints a definition.

use std::io::Write as _;

use clap::Args;
use tdata_jobs::JobError;

use crate::console::Console;
use crate::exit::{Done, Failed};
use crate::project::ProjectOptions;

/// Print a definition
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowSpec {
    /// The dataset
    #[arg(value_name = "DATASET", required_unless_present = "named")]
    dataset: Option<String>,

    /// The dataset, as an option
    #[arg(long = "dataset", value_name = "DATASET", conflicts_with = "dataset", hide = true)]
    named: Option<String>,

    #[command(flatten)]
    project: ProjectOptions,
}

const EXAMPLES: &str = "\
Examples:
  tdata show-spec users
  tdata show-spec users --version v1.2.0";

impl ShowSpec {
    pub(crate) fn run(&self, _: &Console) -> Result<Done, Failed> {
        let dataset: Vec<String> = self.dataset.iter().chain(&self.named).cloned().collect();
        let resolved = self.project.resolve(&dataset, None)?;
        let library = resolved.files.library();
        let definition = dataset.first().and_then(|dataset| library.definition(dataset));
        let Some(definition) = definition else {
            let gathered = library.gather(dataset.iter().map(String::as_str));
            return Err(gathered.mistakes.into());
        };
        print(definition.source.text())?;
        Ok(Done::Well)
    }
}

/// Writes a text to standard output.
fn print(text: &str) -> Result<(), JobError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(JobError::stdout)
}

//! `tdata show-spec`: prints a definition.

use clap::{Args, ValueEnum};
use tdata_jobs::{JobError, resolved_spec};

use crate::console::{Console, print};
use crate::exit::{Done, Failed};
use crate::project::{ContractOptions, ProjectOptions};

/// Print a definition, as it is written or as it is planned
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowSpec {
    /// The dataset
    #[arg(value_name = "DATASET", required_unless_present = "named")]
    dataset: Option<String>,

    /// The dataset
    #[arg(long = "dataset", value_name = "DATASET", conflicts_with = "dataset")]
    named: Option<String>,

    /// Print what planning makes of it: defaults, types, keys, masks, and the versions of generators
    #[arg(long)]
    resolved: bool,

    /// The format of what is resolved
    #[arg(long, value_name = "FORMAT", default_value = "yaml", requires = "resolved")]
    format: Form,

    #[command(flatten)]
    contract: ContractOptions,

    #[command(flatten)]
    project: ProjectOptions,
}

/// The format of what is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// As definitions are written
    Yaml,
    /// For programs
    Json,
}

const EXAMPLES: &str = "\
Examples:
  tdata show-spec users
  tdata show-spec users --version v1.2.0
  tdata show-spec users --resolved --format json";

impl ShowSpec {
    pub(crate) fn run(&self, _: &Console) -> Result<Done, Failed> {
        let names: Vec<String> = self.dataset.iter().chain(&self.named).cloned().collect();
        let Some(name) = names.first() else { return Ok(Done::Well) };
        let contract = self.resolved.then_some(&self.contract);
        let resolved = self.project.resolve(&names, contract)?;
        let definition = resolved.files.library().definition(name);
        if self.resolved {
            let plan = resolved.plan()?;
            let spec = plan.dataset(name).map(|dataset| resolved_spec(dataset, definition));
            let text = spec.map(|spec| match self.format {
                Form::Yaml => spec.to_yaml(),
                Form::Json => spec.to_json(),
            });
            print(text.unwrap_or_default().as_bytes())?;
            return Ok(Done::Well);
        }
        match definition {
            Some(definition) => print(definition.source.text().as_bytes())?,
            // It is not there, or does not parse.
            None => {
                let gathered = resolved.files.library().gather([name.as_str()]);
                return Err(JobError::Mistakes(gathered.mistakes).into());
            }
        }
        Ok(Done::Well)
    }
}

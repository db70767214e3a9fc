//! The command line.

use clap::Parser;

use crate::console::{Color, Console};
use crate::verbs::Verb;

/// Test data for PostgreSQL, from the definitions that tests use
#[derive(Debug, Parser)]
#[command(name = "tdata", version, styles = crate::console::STYLES, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Command {
    #[command(subcommand)]
    pub(crate) verb: Verb,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    #[arg(help_heading = "Output options")]
    color: Color,

    /// Say nothing but results and errors
    #[arg(long, short, global = true, help_heading = "Output options")]
    quiet: bool,

    /// Say more
    #[arg(long, short, global = true, conflicts_with = "quiet", help_heading = "Output options")]
    verbose: bool,
}

const EXAMPLES: &str = "\
Examples:
  tdata generate users --rows 0..1000 --out users.csv
  tdata generate users orders --volumes '{\"users\":1000,\"orders\":5000}' --out data/
  tdata verify data/manifest.json
  tdata show-spec users --resolved

Run `tdata help <COMMAND>` for more of a command.";

impl Command {
    /// Returns where all is told.
    pub(crate) fn console(&self) -> Console {
        Console::new(self.color, self.quiet, self.verbose)
    }
}

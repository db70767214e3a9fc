//! All verbs.

use clap::Subcommand;

use super::{generate, show_spec};
use crate::console::Console;
use crate::exit::{Done, Failed};

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Generate(generate::Generate),
    ShowSpec(show_spec::ShowSpec),
}

impl Verb {
    /// Does it.
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        match self {
            Self::Generate(verb) => verb.run(console),
            Self::ShowSpec(verb) => verb.run(console),
        }
    }
}

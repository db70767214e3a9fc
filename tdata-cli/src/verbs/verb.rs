//! All verbs.

use clap::Subcommand;

use super::{check, completions, generate, man, show_spec, verify};
use crate::console::Console;
use crate::exit::{Done, Failed};

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(check::Check),
    Generate(generate::Generate),
    Verify(verify::Verify),
    ShowSpec(show_spec::ShowSpec),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Verb {
    /// Does it. `command` is the whole command line, for what describes that.
    pub(crate) fn run(&self, console: &Console, command: clap::Command) -> Result<Done, Failed> {
        match self {
            Self::Check(verb) => verb.run(console),
            Self::Generate(verb) => verb.run(console),
            Self::Verify(verb) => verb.run(console),
            Self::ShowSpec(verb) => verb.run(console),
            Self::Completions(verb) => verb.run(command),
            Self::Man(verb) => verb.run(command),
        }
    }
}

//! All verbs.

use clap::Subcommand;

use super::{check, cleanup, completions, generate, man, provision, show_spec, status, verify};
use crate::console::Console;
use crate::exit::{Done, Failed};

/// What there is to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Check(check::Check),
    Generate(generate::Generate),
    Verify(verify::Verify),
    Provision(provision::Provision),
    Status(status::Status),
    Cleanup(cleanup::Cleanup),
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
            Self::Provision(verb) => verb.run(console),
            Self::Status(verb) => verb.run(console),
            Self::Cleanup(verb) => verb.run(console),
            Self::ShowSpec(verb) => verb.run(console),
            Self::Completions(verb) => verb.run(command),
            Self::Man(verb) => verb.run(command),
        }
    }
}

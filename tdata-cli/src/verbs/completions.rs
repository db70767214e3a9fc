//! `tdata completions`: what a shell needs to complete the command.

use clap::Args;
use clap_complete::Shell;

use crate::console::print;
use crate::exit::{Done, Failed};

/// Print what a shell needs to complete the command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  tdata completions bash > ~/.local/share/bash-completion/completions/tdata
  tdata completions zsh > ~/.zfunc/_tdata
  tdata completions fish > ~/.config/fish/completions/tdata.fish";

impl Completions {
    pub(crate) fn run(&self, mut command: clap::Command) -> Result<Done, Failed> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "tdata", &mut script);
        print(&script)?;
        Ok(Done::Well)
    }
}

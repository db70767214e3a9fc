//! `tdata check`: tells all that is wrong with a project.

use clap::Args;
use tdata_core::diagnostic::Diagnostic;
use tdata_jobs::Tree;

use crate::console::{Console, print};
use crate::exit::{Done, Failed};
use crate::output::Output;
use crate::project::ProjectFolder;

/// Check all definitions and settings of a project
///
/// Every definition is planned in its full volume. All mistakes are told at once. Where migrations make the tables, what
/// only these tell is left to tests.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// How results are told
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Output,

    #[command(flatten)]
    project: ProjectFolder,
}

const EXAMPLES: &str = "\
Examples:
  tdata check
  tdata check --project shop --format json

Exits with 3 if something is wrong.";

impl Check {
    pub(crate) fn run(&self, console: &Console) -> Result<Done, Failed> {
        let checked = self.project.engine()?.check()?;
        let (definitions, mistakes) = (checked.definitions, checked.mistakes);
        match self.format {
            Output::Json => {
                let mut tree = Tree::map([("definitions", (definitions as u64).into())]);
                tree.push("mistakes", mistakes.len() as u64);
                tree.push("told", mistakes.iter().map(mistake).collect::<Tree>());
                print(tree.to_json().as_bytes())?;
            }
            Output::Text if mistakes.is_empty() => {
                console.done("Checked", &format!("{definitions} definitions"));
            }
            Output::Text => {
                console.mistakes(&mistakes.to_string());
                let noun = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
                console.text("");
                console.error(&format!("{} {noun} in {definitions} definitions", mistakes.len()));
            }
        }
        Ok(if mistakes.is_empty() { Done::Well } else { Done::Found })
    }
}

fn mistake(mistake: &Diagnostic) -> Tree {
    let mut tree =
        Tree::map([("code", mistake.code().into()), ("message", mistake.message().into())]);
    if let Some((file, line, column)) = mistake.location() {
        tree.push("file", file);
        tree.push("line", line as u64);
        tree.push("column", column as u64);
    }
    if let Some(help) = mistake.help_text() {
        tree.push("help", help);
    }
    tree
}

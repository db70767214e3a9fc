//! `tdata man`: the manual's pages.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use tdata_jobs::JobError;

use crate::console::print;
use crate::exit::{Done, Failed};

/// Print the manual's page, or write all of its pages into a folder
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// The folder that gets a page for each command
    #[arg(long, short, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  tdata man | man -l -
  tdata man --out ~/.local/share/man/man1";

impl Man {
    pub(crate) fn run(&self, command: clap::Command) -> Result<Done, Failed> {
        match &self.out {
            Some(folder) => pages(folder, command).map_err(|source| JobError::File {
                verb: "write",
                path: folder.clone(),
                source,
            })?,
            None => {
                let mut page = Vec::new();
                let rendered = clap_mangen::Man::new(command).render(&mut page);
                rendered.map_err(JobError::stdout)?;
                print(&page)?;
            }
        }
        Ok(Done::Well)
    }
}

fn pages(folder: &Path, command: clap::Command) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command, folder)
}

//! The command `tdata`: test data for PostgreSQL as files and databases, from the definitions that tests use.
//!
//! Each verb is one file in `verbs`. A verb reads what was said, has a library do it, and tells what came of it.

mod command;
mod console;
mod copy_line;
mod database;
mod entries;
mod exit;
mod output;
mod own;
mod progress;
mod project;
mod provisioned;
mod range;
mod record;
mod stop;
mod verbs;
mod volumes;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use crate::command::Command;

fn main() -> ExitCode {
    let command = Command::parse();
    let console = command.console();
    match command.verb.run(&console, Command::command()) {
        Ok(done) => done.code(),
        Err(failed) => failed.tell(&console),
    }
}

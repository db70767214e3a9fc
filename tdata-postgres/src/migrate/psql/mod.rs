//! What `psql` does with a script beside handing its statements on: commands, variables, conditions.

mod arguments;
mod command;
mod conditions;
mod copy_command;
mod variables;

pub(super) use arguments::{arguments, without_quotes};
pub(super) use command::{Command, command};
pub(super) use conditions::{Conditions, holds};
pub(super) use copy_command::{CopyCommand, Rows};
pub(super) use variables::Variables;

//! Programs of the project's own that migrate: commands, and functions of the program that uses tdata.

mod command;
mod error;
mod function;
mod group;
mod output;
mod target;

pub(crate) use command::run;
pub(crate) use error::ProgramError;
pub(crate) use function::Function;
pub(crate) use target::Target;

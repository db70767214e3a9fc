//! The verbs: one file each.

mod check;
mod cleanup;
mod completions;
mod generate;
mod man;
mod provision;
mod show_spec;
mod status;
mod verb;
mod verify;

pub(crate) use verb::Verb;

//! The verbs: one file each.

mod check;
mod completions;
mod generate;
mod man;
mod show_spec;
mod verb;
mod verify;

pub(crate) use verb::Verb;
